// A real server process on loopback with a data folder of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = process.env.UNDERTONE_SERVER ?? path.resolve('../../target/release/undertone-server');

export class Server {
  /** Starts one; further flags are those of `undertone-server`. */
  static async start(...flags) {
    const server = new Server();
    server.data = await mkdtemp(path.join(tmpdir(), 'undertone-stories-'));
    server.flags = flags;
    await server.run('127.0.0.1:0');
    return server;
  }

  async run(listen) {
    this.child = spawn(PROGRAM, ['--data', this.data, '--listen', listen, ...this.flags], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (data) => { this.log += data; });
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    const address = await this.announced();
    this.address = address;
    this.url = `http://${address}`;
  }

  async announced() {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      try {
        const address = (await readFile(path.join(this.data, 'listen'), 'utf8')).trim();
        const answer = await fetch(`http://${address}/healthz`);
        if (answer.ok) return address;
      } catch { /* not there yet */ }
      if (this.child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`the server did not start:\n${this.log}`);
  }

  /** Ends it without a word, as a crash would. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Starts it again where it was. */
  async again() {
    const address = this.address;
    await rm(path.join(this.data, 'listen'), { force: true });
    await this.run(address);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
    await rm(this.data, { recursive: true, force: true });
  }
}
