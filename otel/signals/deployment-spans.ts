import { type Context, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** As in src/tracing/deployment-trace.ts, which sets it on the span of a request or job. */
const DEPLOYMENT_ID = 'seqpulse.deployment.id';
/** Beyond that many spans inside one request or job the rest goes out as it comes: memory stays bounded. */
const MAX_HELD = 512;

/** On the span itself: a WeakMap of as many short-lived objects keeps the garbage collector busy. */
const TREE = Symbol('tree');
interface InTree {
  [TREE]?: Tree;
}

/** The spans of one request or job: `first` is the one that has no parent in this process. */
interface Tree {
  readonly first: Span;
  readonly held: ReadableSpan[];
  ended: boolean;
}

/**
 * Gives every span inside a request or job the deployment id that its first span has by its end. A trigger learns the
 * id half-way, when its first statements have long ended: ended spans are held until their tree's first span ends.
 * What is inside ends before, in all but odd cases; what ends later has the id from the start or gets it at its end.
 */
export function createDeploymentSpans(next: SpanProcessor): SpanProcessor {
  const open = new Set<Tree>();

  const release = (tree: Tree): void => {
    const id = tree.first.attributes[DEPLOYMENT_ID];
    for (const span of tree.held.splice(0)) {
      if (id !== undefined && span !== tree.first) span.attributes[DEPLOYMENT_ID] = id;
      next.onEnd(span);
    }
  };
  const releaseAll = (): void => {
    for (const tree of open) release(tree);
  };
  return {
    onStart(span: Span, parentContext: Context): void {
      const known = (trace.getSpan(parentContext) as InTree | undefined)?.[TREE];
      const tree = known ?? { first: span, held: [], ended: false };
      (span as InTree)[TREE] = tree;
      if (known === undefined) open.add(tree);
      next.onStart(span, parentContext);
    },
    onEnd(span: ReadableSpan): void {
      const tree = (span as InTree)[TREE];
      if (tree === undefined) {
        next.onEnd(span);
        return;
      }
      tree.held.push(span);
      if (span === tree.first) {
        tree.ended = true;
        open.delete(tree);
      }
      if (tree.ended || tree.held.length > MAX_HELD) release(tree);
    },
    async forceFlush(): Promise<void> {
      releaseAll();
      await next.forceFlush();
    },
    async shutdown(): Promise<void> {
      releaseAll();
      await next.shutdown();
    },
  };
}
