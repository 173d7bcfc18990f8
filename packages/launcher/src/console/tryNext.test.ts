import { expect, test } from 'vitest';
import { tryNext } from './tryNext.ts';

test('each scenario with HTTPie and with curl, on the ports of this launcher', () => {
  const text = tryNext(['order', 'gateway'], 100);
  expect(text).toContain('http POST :8188/points userId=jjy point=10000');
  expect(text).toContain(
    `curl -s localhost:8188/orders -H 'content-type: application/json' -d '{"holderId":"jjy","currencyId":"1","amount":500}'`,
  );
  expect(text).toContain('http :8188/orders/1/events');
  expect(text).toContain('currencyId=100');
  expect(text).toContain('currencyId=200');
  expect(text).toContain('http://localhost:8188/docs');
});

test('without a gateway: where the pages of the services are', () => {
  expect(tryNext(['order', 'point'], 0)).toBe(
    ['What each service answers:', '  http://localhost:8081/docs', '  http://localhost:8083/docs'].join('\n'),
  );
});
