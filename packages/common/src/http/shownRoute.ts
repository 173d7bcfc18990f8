import type { RouteConfig } from '@hono/zod-openapi';
import { problemResponses } from './problem.ts';

/**
 * A route as the OpenAPI document shows it: with the problems that `createApp` answers for it whatever its handler does,
 * so that a declaration names those of its own alone, and with a name for generated clients.
 */
export function shownRoute(route: RouteConfig): RouteConfig {
  const { method, path, request, responses } = route;
  const implied = problemResponses(
    ...(request ? ([400] as const) : []),
    ...(request?.body ? ([413, 415] as const) : []),
    ...([500, 503] as const),
  );
  return { operationId: operationIdOf(method, path), ...route, responses: { ...implied, ...responses } };
}

/** @example operationIdOf('get', '/orders/{orderId}/events') // 'getOrdersByOrderIdEvents' */
function operationIdOf(method: string, path: string): string {
  const words = path.match(/\{?\w+/g) ?? [];
  return method + words.map((word) => (word.startsWith('{') ? `By${capital(word.slice(1))}` : capital(word))).join('');
}

const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
