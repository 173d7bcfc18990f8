import { join } from 'node:path';
import { defineScript } from 'common/script/script';

/** Trims the log at what time, every group's position and every pending entry allow. */
export const trimLog = defineScript({
  name: 'trimLog',
  file: join(import.meta.dirname, 'trimLog.lua'),
  keys: ['log'],
  args: ['tag', 'retentionMs', 'countMax'],
  replies: ['TRIMMED', 'WAITING'],
});
