import * as notifications from './notification-answer.ts';
import type { Operations } from './operation.ts';

/** Whom SeqPulse tells: the same of a project and of the installation. */
export const NOTIFICATION_OPERATIONS: Operations = {
  ...operationsAt('/projects/{id}/notifications', 'of a project'),
  ...operationsAt('/notifications', 'of the whole installation'),
};

function operationsAt(path: string, whose: string): Operations {
  const one = `${path}/{notification_id}`;
  return {
    [`GET ${path}`]: { summary: `Notifications ${whose}, newest first`, answer: notifications.channels },
    [`POST ${path}`]: {
      summary: `Tell a webhook, a Slack channel or people by mail, ${whose}`,
      description: 'By default of verdicts from `attention` on, and when an environment or a source fails or recovers.',
      status: 201,
      answer: notifications.newChannel,
      refuses: ['MAIL_NOT_SET_UP'],
    },
    [`PATCH ${one}`]: {
      summary: `Change a notification ${whose}`,
      description: 'Switched off, what waits for it is given up.',
      answer: notifications.channel,
      refuses: ['WRONG_CHANNEL_TYPE'],
    },
    [`DELETE ${one}`]: { summary: `Remove a notification ${whose}, with its deliveries`, status: 204 },
    [`POST ${one}/secret`]: {
      summary: `Another secret of a webhook ${whose}; for a while both sign`,
      answer: notifications.newChannel,
      refuses: ['WRONG_CHANNEL_TYPE'],
    },
    [`POST ${one}/test`]: {
      summary: `Send a test message now, ${whose}`,
      answer: notifications.tested,
      refuses: ['NOTIFICATION_TEST_FAILED', 'ENDPOINT_TESTS_BUSY'],
    },
    [`GET ${one}/deliveries`]: { summary: `What a notification ${whose} was told`, answer: notifications.deliveries },
  };
}
