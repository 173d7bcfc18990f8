import type { RememberedRequest } from 'common/http/rememberedRequest';

/** A POST that pays points in, and how it is recognised when it comes again. */
export type PointRequest = RememberedRequest & {
  /** The partition of the user. */
  tag: string;
  userId: string;
  point: number;
};
