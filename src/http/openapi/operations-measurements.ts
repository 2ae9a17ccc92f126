import { z } from 'zod';
import type { Operations } from './operation.ts';

const partialSuccess = z.object({
  partialSuccess: z
    .object({ rejectedDataPoints: z.string(), errorMessage: z.string() })
    .optional()
    .meta({ description: 'Absent: all was taken.' }),
});

/** What pushes measurements calls. */
export const MEASUREMENT_OPERATIONS: Operations = {
  'POST /v1/metrics': {
    summary: 'OTLP: metrics of the observed application, as exporters and Collectors push them',
    description:
      'An ExportMetricsServiceRequest in protobuf or JSON, plain or gzip; at most 4 MiB, unpacked 16 MiB of protobuf or 8 of JSON. Answers and ' +
      'errors (a `google.rpc.Status`) come in the encoding of the request. Points are limited, not requests.',
    answer: partialSuccess,
    refuses: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    encodings: { body: 'ExportMetricsServiceRequest', error: 'google.rpc.Status' },
  },
};
