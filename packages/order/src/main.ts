import { runService } from 'common/process/runService';
import { createOrderService } from './service.ts';

await runService('order', createOrderService);
