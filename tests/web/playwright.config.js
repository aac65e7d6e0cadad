// The stories run one after another in the system's Chromium against a real server.
// UNDERTONE_SERVER and UNDERTONE_CLI name the two programs; CHROMIUM another browser than Debian's.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'stories',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: process.env.CI ? 'line' : 'list',
  outputDir: process.env.UNDERTONE_STORIES_OUT ?? '../../target/browser-stories',
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-quic', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
