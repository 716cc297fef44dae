import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = new URL('../../', import.meta.url);
const yaml = (path: string): unknown => parse(readFileSync(new URL(path, ROOT), 'utf8'), { merge: true });

const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  network_mode: z.string().optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
});
const compose = z
  .looseObject({
    services: z.record(z.string(), serviceSchema),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(yaml('docker-compose.yml'));
const services = Object.entries(compose.services);

/** Where a file of this repository is mounted. */
function mountedAt(source: string): string | undefined {
  const mounts = services.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':'));
  return mounts.find(([from]) => from === `./${source}`)?.[1];
}

describe.each(services)('service %s', (_, service) => {
  test('has a pinned image, or is built here', () => {
    expect(service.image).toMatch(service.build === undefined ? /:v?\d+\.\d+\.\d+$/ : /^driftwarden:local$/);
  });

  test('has a read-only root and no capabilities', () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
  });

  test('publishes on the loopback address only, and only the owner of the network does', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(service.ports === undefined).toBe(service.network_mode === 'service:network');
  });

  test('mounts files that exist, read-only, and volumes that are declared', () => {
    for (const mount of service.volumes ?? []) {
      const [source = '', , mode] = mount.split(':');
      if (source.startsWith('./')) {
        expect(existsSync(new URL(source, ROOT)), source).toBe(true);
        expect(mode).toBe('ro');
      } else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });
});

test('Prometheus loads the rules from where they are mounted, scrapes the job that they expect, and knows Alertmanager', () => {
  const prometheus = z
    .looseObject({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({
          job_name: z.string(),
          static_configs: z.array(z.object({ targets: z.array(z.string()) })),
        }),
      ),
    })
    .parse(yaml('deploy/prometheus.yml'));
  expect(prometheus.rule_files).toEqual([mountedAt('alerts/driftwarden.rules.yaml')]);
  expect(prometheus.scrape_configs).toEqual([
    { job_name: 'driftwarden', static_configs: [{ targets: ['127.0.0.1:9469'] }] },
  ]);
  expect(compose.services['prometheus']?.command).toContain(
    `--config.file=${mountedAt('deploy/prometheus.yml')}`,
  );
  expect(JSON.stringify(prometheus)).toContain('127.0.0.1:9093');
});

test('Grafana is given the dashboards where its provider looks, and the Prometheus beside it', () => {
  const provider = z
    .looseObject({ providers: z.array(z.looseObject({ options: z.object({ path: z.string() }) })) })
    .parse(yaml('deploy/grafana/provisioning/dashboards/driftwarden.yaml'));
  const source = z
    .looseObject({ datasources: z.array(z.looseObject({ type: z.string(), url: z.string() })) })
    .parse(yaml('deploy/grafana/provisioning/datasources/prometheus.yaml'));
  const path = provider.providers[0]?.options.path;
  expect(mountedAt('dashboards/driftwarden-fleet.json')).toBe(`${path}/driftwarden-fleet.json`);
  expect(mountedAt('deploy/grafana/provisioning')).toBe('/etc/grafana/provisioning');
  expect(source.datasources).toMatchObject([{ type: 'prometheus', url: 'http://127.0.0.1:9090' }]);
});

describe('the image', () => {
  const dockerfile = readFileSync(new URL('Dockerfile', ROOT), 'utf8');

  test('runs as a user without rights, says whether it is well, and keeps its state on a volume', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toContain('/-/healthy');
    expect(last).toMatch(/^CMD \["demo", "--state", "\/data"\]$/m);
    expect(compose.services['driftwarden']?.volumes).toEqual(['driftwarden:/data']);
  });

  test('copies only files that exist and that the engine is sent', () => {
    const sent = readFileSync(new URL('.dockerignore', ROOT), 'utf8').match(/^!.+$/gm) ?? [];
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((copy) =>
      copy[1]!.split(' '),
    );
    expect(copies.length).toBeGreaterThan(5);
    for (const path of copies.map((copy) => copy.replace('./', ''))) {
      expect(existsSync(new URL(path, ROOT)), path).toBe(true);
      expect(
        sent.some((entry) => path === entry.slice(1) || path.startsWith(`${entry.slice(1)}/`)),
        path,
      ).toBe(true);
    }
  });
});
