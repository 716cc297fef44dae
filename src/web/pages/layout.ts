import { isoTime } from '../../clock.ts';
import type { Health } from '../deps.ts';
import { type Html, html, trusted } from '../html.ts';
import type { PageContent } from '../route.ts';
import { STYLE } from './style.ts';

/** What every page shows around its content. */
export interface PageFrame {
  readonly nonce: string;
  /** Domain time, milliseconds. */
  readonly now: number;
  readonly simulated: boolean;
  readonly health: Health;
  readonly refreshSeconds: number;
  readonly version: string;
}

/** A whole document: no script, one style sheet with the nonce of its policy, and it asks for itself again. */
export function document(page: PageContent, frame: PageFrame): Html {
  const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 11c3 0 3-6 7-6s4 6 7 6" fill="none" stroke="#1558b0" stroke-width="2.4"/></svg>')}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${frame.refreshSeconds}">
<title>${page.title} · driftwarden</title>
<link rel="icon" href="${icon}">
<style nonce="${frame.nonce}">${trusted(STYLE)}</style>
</head>
<body>
<header class="top"><div class="wrap"><a class="brand" href="/">driftwarden</a><nav aria-label="Main"><a href="/">Status</a><a href="/metrics">Metrics</a><a href="/api/v1/openapi.json">API</a></nav><span class="asof">${frame.simulated ? 'simulated time' : 'as of'} ${isoTime(frame.now).slice(0, 16).replace('T', ' ')} UTC</span></div></header>
${frame.simulated && html`<div class="banner simulated" role="note"><div class="wrap"><span><strong>Simulated.</strong> Workspace, models and traffic on this page are made by the demo on this machine; time runs fast.</span></div></div>`}
${healthBanner(frame.health)}
<main class="wrap">
${page.content}
</main>
<footer class="wrap">driftwarden ${frame.version} · times are UTC · asks again every ${frame.refreshSeconds} s</footer>
</body>
</html>
`;
}

function healthBanner(health: Health): Html | null {
  if (health.healthy && health.ready) return null;
  const state = health.healthy ? 'Not ready:' : 'Not healthy:';
  return html`<div class="banner sick" role="alert"><div class="wrap"><strong>${state}</strong> ${health.why} What stands below may be old.</div></div>`;
}
