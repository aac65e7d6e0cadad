// The stories run two at a time, each with a server of its own, in the system's Chromium against a real server.
// UNDERTONE_SERVER and UNDERTONE_CLI name the two programs; CHROMIUM another browser than Debian's.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'stories',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 40_000 },
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
