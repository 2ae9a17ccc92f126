import type { DeploymentShape } from '../../client/types.ts';
import { sayDuration } from '../durations.ts';
import type { Environment } from '../settings.ts';
import type { Sink } from '../surroundings.ts';
import { isLive, type Style, styleFor } from './style.ts';

/** What is said while a command works: on standard error, so that standard output holds the result alone. */
export interface Voice {
  readonly style: Style;
  /** A line of progress; --quiet leaves it out. */
  say(line: string): void;
  /** One line that must be seen: also as an annotation where the CI has them. */
  loud(line: string, level?: 'warning' | 'error'): void;
  /** How an observation stands. */
  progress(deployment: DeploymentShape, dueInMs: number | null): void;
  /** The live line goes. */
  done(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;

export function createVoice(sink: Sink, env: Environment, isQuiet: boolean): Voice {
  const style = styleFor(sink, env);
  const live = isLive(sink, env) && !isQuiet ? createLiveLine(sink, style) : null;
  let lastNews = '';
  const line = (text: string) => {
    live?.clear();
    sink.write(`${text}\n`);
  };
  return {
    style,
    say(text) {
      if (!isQuiet) line(`${style.dim('seqpulse')} ${text}`);
    },
    loud(text, level = 'warning') {
      const flat = text.replaceAll(/\s*\n\s*/g, ' ');
      const colour = level === 'error' ? style.bad : style.warn;
      line(
        env.GITHUB_ACTIONS === 'true'
          ? `::${level} title=SeqPulse::${annotationText(flat)}`
          : colour(`seqpulse ${level.toUpperCase()}: ${flat}`),
      );
    },
    progress(deployment, dueInMs) {
      if (live !== null) {
        live.show(standing(deployment), dueInMs === null ? null : performance.now() + dueInMs);
        return;
      }
      const news = standing(deployment);
      if (isQuiet || news === lastNews) return;
      lastNews = news;
      line(`seqpulse ${news}${dueInMs === null ? '' : `, verdict in ${sayDuration(dueInMs)}`}`);
    },
    done: () => live?.end(),
  };
}

/** GitHub's own escapes in a workflow command's text. */
export function annotationText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function standing({ project, env, number, state, samples }: DeploymentShape): string {
  const { before, after } = samples;
  const of = `${project} · ${env} · #${number}`;
  if (state === 'running') return `${of}: it runs, ${before.collected} of ${before.expected} readings before`;
  return `${of}: ${after.collected} of ${after.expected} readings after`;
}

function createLiveLine(sink: Sink, style: Style) {
  let text = '';
  let dueAtMs: number | null = null;
  let frame = 0;
  let timer: NodeJS.Timeout | null = null;
  const draw = () => {
    const left = dueAtMs === null ? '' : `, ${leftText(dueAtMs - performance.now())}`;
    const room = Math.max(20, sink.columns - 3);
    const shown = [...`${text}${left}`].slice(0, room).join('');
    sink.write(`\r\u001b[2K${style.good(FRAMES[frame % FRAMES.length] ?? '')} ${shown}`);
    frame += 1;
  };
  const clear = () => {
    if (timer !== null) sink.write('\r\u001b[2K');
  };
  return {
    show(next: string, due: number | null) {
      text = next;
      dueAtMs = due;
      draw();
      timer ??= setInterval(draw, FRAME_MS).unref();
    },
    clear,
    end() {
      clear();
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}

function leftText(ms: number): string {
  return ms > 0 ? `verdict in ${sayDuration(ms)}` : 'the verdict is being made';
}
