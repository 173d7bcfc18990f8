import { spawn } from 'node:child_process';
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
