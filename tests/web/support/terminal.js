// A person at the command line.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = process.env.UNDERTONE_CLI ?? path.resolve('../../target/release/undertone');
const run = promisify(execFile);

export class Terminal {
  static async create(server, name) {
    const person = new Terminal();
    person.profile = await mkdtemp(path.join(tmpdir(), 'undertone-terminal-'));
    await person.says('account', 'create', '--server', server.url, '--name', name);
    return person;
  }

  /** Runs a command; its lines, read as JSON. */
  async says(...words) {
    const { stdout } = await run(PROGRAM, ['--profile', this.profile, '--json', ...words], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  }

  /** Begins a command that takes its time; it goes on until it is over, or ended. */
  begins(...words) {
    const child = spawn(PROGRAM, ['--profile', this.profile, '--json', ...words], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return { ended, end: async () => { child.kill('SIGKILL'); await ended; } };
  }

  async link() {
    return (await this.says('link', 'show'))[0].link;
  }

  async remove() {
    await rm(this.profile, { recursive: true, force: true });
  }
}
