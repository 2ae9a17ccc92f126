import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Channel, ChannelTarget } from '../model/notification.ts';

/** Bound to the channel: what is sealed for one can't be put into another. */
const contextOf = (channelId: string) => `notification/${channelId}`;

export function sealTarget(secretBox: SecretBox, channelId: string, target: ChannelTarget): Buffer {
  return secretBox.seal(JSON.stringify(target), contextOf(channelId));
}

/** Throws when it was sealed with another key. */
export function openTarget(
  secretBox: SecretBox,
  { id, sealedTarget }: Pick<Channel, 'id' | 'sealedTarget'>,
): ChannelTarget {
  return JSON.parse(secretBox.open(sealedTarget, contextOf(id))) as ChannelTarget;
}
