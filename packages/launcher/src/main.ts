import { join } from 'node:path';
import { runLauncher } from './runLauncher.ts';

const packages = join(import.meta.dirname, '../..');

process.exit(
  await runLauncher(process.argv.slice(2), {
    root: join(packages, '..'),
    cwd: process.env.INIT_CWD ?? process.cwd(),
    argumentsOf: (name) => [join(packages, name, 'src/main.ts')],
  }),
);
