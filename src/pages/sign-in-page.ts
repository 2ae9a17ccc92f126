import { markup, type Piece } from '../report/markup.ts';
import { icon } from './icons.ts';
import { shell } from './shell.ts';

export interface SignInPageInput {
  readonly stylesheet: string;
  /** Where to go afterwards. */
  readonly next: string;
  /** Why one stands here again; null at first. */
  readonly fault: string | null;
  /** Why one was sent here, as a sentence; null: by oneself. */
  readonly why: string | null;
}

export function signInPage({ stylesheet, next, fault, why }: SignInPageInput): string {
  const error: Piece =
    fault === null ? '' : markup`<p class="err" id="fault" role="alert">${icon('at')}<span>${fault}</span></p>`;
  const marks: Piece = fault === null ? '' : markup` aria-invalid="true"`;
  return shell({
    title: 'Sign in',
    crumbs: [],
    viewer: 'nobody',
    nowMs: null,
    narrow: true,
    stylesheet,
    main: markup`<form class="sign" method="post" action="/ui/sign-in"><h1>Sign in</h1>${why === null ? '' : markup`<p>${why}</p>`}${error}<input type="hidden" name="next" value="${next}"><input type="text" name="user" value="operator" autocomplete="username" hidden><label for="token">Operator’s token</label><input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false" autofocus aria-describedby="${fault === null ? 'hint' : 'fault hint'}"${marks}><p class="hint" id="hint">Your own, or the admin token: the value of <code>SEQPULSE_ADMIN_TOKEN</code>. If that was never set, it stands in <code>admin-token</code> in the data folder, <code>.seqpulse</code> unless set otherwise.</p><button class="pri">Sign in</button><p class="hint">You stay signed in for 12 hours on this browser.</p></form>`,
  });
}
