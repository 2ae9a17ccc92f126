import {
  deleteChannel,
  listChannels,
  listMessages,
  patchChannel,
  postChannel,
  postChannelSecret,
  postChannelTest,
} from './handlers/notifications.ts';
import { channelChangeBody, newChannelBody } from './notification-schemas.ts';
import { type Route, route } from './request.ts';
import { pageQuery, rotateKeyBody } from './schemas.ts';

const access = 'operator';

/** Whom SeqPulse tells, of a project and of the whole installation. */
export const NOTIFICATION_ROUTES: readonly Route[] = ['/projects/{id}/notifications', '/notifications'].flatMap(
  (path) => {
    const one = `${path}/{notification_id}`;
    return [
      route({ method: 'GET', path, access, query: pageQuery, handle: listChannels }),
      route({ method: 'POST', path, access, body: newChannelBody, handle: postChannel }),
      route({ method: 'PATCH', path: one, access, body: channelChangeBody, handle: patchChannel }),
      route({ method: 'DELETE', path: one, access, handle: deleteChannel }),
      route({ method: 'POST', path: `${one}/secret`, access, body: rotateKeyBody, handle: postChannelSecret }),
      route({ method: 'POST', path: `${one}/test`, access, handle: postChannelTest }),
      route({ method: 'GET', path: `${one}/deliveries`, access, query: pageQuery, handle: listMessages }),
    ];
  },
);
