import { html } from '../html.ts';
import type { Problem } from '../problem.ts';
import type { PageContent } from '../route.ts';

const TITLES: { readonly [status: number]: string } = {
  401: 'A token is needed',
  403: 'Not allowed',
  404: 'Not found',
  421: 'Wrong address',
  500: 'driftwarden failed here',
  503: 'The state store is not available',
};

export function problemPage(problem: Problem): PageContent {
  const title = TITLES[problem.status] ?? 'That did not work';
  return {
    title,
    content: html`<h1>${title}</h1><p class="lead">${problem.body.error}</p><p><a href="/">Back to the status page</a></p>`,
  };
}
