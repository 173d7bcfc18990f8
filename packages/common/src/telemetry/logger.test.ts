import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

test('a record is one line of JSON on standard output, with the order and the event that it is about', async () => {
  const source = `
    import { createLogger } from '${import.meta.resolve('./logger.ts')}';
    const logger = createLogger('order', 'info');
    logger.debug('not this');
    logger.child({ orderId: 7, eventId: '1-0' }).warn({ err: new Error('x') }, 'two\\nlines');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source]);
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'order',
      pid: child.pid,
      orderId: 7,
      eventId: '1-0',
      err: { type: 'Error', message: 'x', stack: expect.any(String) },
      msg: 'two\nlines',
    },
  ]);
});

test('a process whose output nobody reads any more ends all the same', async () => {
  const source = `
    import { createLogger } from '${import.meta.resolve('./logger.ts')}';
    const logger = createLogger('order', 'info');
    logger.info('here');
    process.once('message', () => {
      for (let i = 0; i < 3; i++) logger.info('nobody hears this');
      logger.fatal('nor this');
      process.exit(7);
    });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    child.send('end');
    expect(await once(child, 'exit')).toEqual([7, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
