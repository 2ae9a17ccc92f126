import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allDashboards } from '../../grafana/all-dashboards.ts';
import { dashboardJson } from '../../grafana/kit/dashboard.ts';
import { DEFAULT_LINK_BASES, panelDocUrl, sectionHeading } from '../../grafana/kit/links.ts';
import { panelsPage } from '../../grafana/kit/panels-page.ts';

const root = new URL('../../', import.meta.url);
const committed = (path: string) => readFileSync(new URL(path, root), 'utf8');

test.each(allDashboards)('the file of $uid is what the builders say', (spec) => {
  expect(committed(`grafana/dashboards/${spec.uid}.json`)).toBe(dashboardJson(spec, DEFAULT_LINK_BASES));
});

test('docs/panels.md is what the builders say', () => {
  expect(committed('docs/panels.md')).toBe(panelsPage(allDashboards));
});

test('every dashboard of the page has its picture', () => {
  const pictures = readdirSync(new URL('docs/images/', root));
  expect(allDashboards.filter(({ uid }) => !pictures.includes(`${uid}.png`))).toEqual([]);
});

const panels = allDashboards.flatMap(({ name, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name, panel, title: `${panel.title} of ${name}` }))),
);

test.each(panels)('$title has a section whose three parts say something', ({ name, panel }) => {
  const sections = committed('docs/panels.md').split(/^### /m);
  const section = sections.find((text) => text.startsWith(`${sectionHeading(panel.title, name)}\n`)) ?? '';
  for (const part of ['How to read it.', 'Why it can be empty, and how to feed it.', 'If it degrades, check:']) {
    const text = section.split(`**${part}**`)[1]?.split('\n')[0] ?? '';
    expect(text.trim().length, part).toBeGreaterThan(20);
  }
});

test('dashboards for another documentation host carry its links', () => {
  const bases = {
    ...DEFAULT_LINK_BASES,
    runbooks: 'https://docs.example/seqpulse/runbooks',
    seqpulse: 'https://seqpulse.example/base',
    extension: '.md',
  };
  for (const spec of allDashboards) {
    const json = dashboardJson(spec, bases);
    expect(json).toContain('https://docs.example/seqpulse/panels.md#');
    expect(json).not.toContain('localhost');
    expect(json.includes('https://seqpulse.example/base')).toBe(spec.linksReports === true);
  }
});

test('a heading becomes the fragment that Markdown renderers make of it', () => {
  expect(panelDocUrl('HTTP Error Rate (%) · Monitoring MVP', DEFAULT_LINK_BASES)).toMatch(
    /\/panels\.html#http-error-rate---monitoring-mvp$/,
  );
});
