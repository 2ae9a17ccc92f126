import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readChartValues } from '../../deploy/helm/chart-values.ts';
import { CHART, kubernetesProgram, renderChart } from '../../deploy/helm/helm.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { faultsOf, hasOperatorSchemas, type KubernetesObject, objectsOf, validator } from './support.ts';

const helm = kubernetesProgram('helm') ?? '';
const kustomize = kubernetesProgram('kustomize') ?? '';
const isReady = helm !== '' && kustomize !== '' && validator !== null && hasOperatorSchemas;
if (!isReady) console.log('skipped: the chart (npm run kubernetes:tools, with Go and Python)');

/** The oldest that the chart says it is for, and the newest with schemas. */
const VERSIONS = ['1.25', '1.37'];

/** Everything switched on, everything filled that is empty by default. */
const EVERYTHING = {
  fullnameOverride: 'pulse',
  replicas: 3,
  'image.digest': `sha256:${'0'.repeat(64)}`,
  imagePullSecrets: [{ name: 'registry' }],
  'secret.create': true,
  'secret.databaseUrl': 'postgres://seqpulse:pass"word@postgres:5432/seqpulse',
  'secret.adminToken': 'a'.repeat(24),
  'secret.secretKey': '1'.repeat(64),
  environment: 'staging',
  settings: {
    SEQPULSE_PUBLIC_URL: 'https://seqpulse.example.com',
    SEQPULSE_RETENTION_DAYS: 30,
    SEQPULSE_KPI_SCHEMA: 'pulse_kpi',
    SEQPULSE_TARGET_ALLOW: '10.0.0.0/8',
  },
  extraEnv: [{ name: 'SEQPULSE_SMTP_URL', valueFrom: { secretKeyRef: { name: 'mail', key: 'url' } } }],
  extraEnvFrom: [{ configMapRef: { name: 'more' } }],
  extraVolumes: [{ name: 'authorities', configMap: { name: 'authorities' } }],
  extraVolumeMounts: [{ name: 'authorities', mountPath: '/etc/authorities', readOnly: true }],
  'service.annotations': { 'example.com/a': 'b' },
  'ingress.enabled': true,
  'ingress.className': 'nginx',
  'ingress.annotations': { 'nginx.ingress.kubernetes.io/proxy-read-timeout': '75' },
  'ingress.tlsSecret': 'certificate',
  'podDisruptionBudget.minAvailable': '50%',
  'serviceAccount.annotations': { 'example.com/a': 'b' },
  podAnnotations: { 'example.com/a': 'b' },
  podLabels: { team: 'delivery' },
  priorityClassName: 'high',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'apart', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
  ],
  'serviceMonitor.enabled': true,
  'serviceMonitor.labels': { release: 'prometheus' },
  'prometheusRule.enabled': true,
  'prometheusRule.labels': { release: 'prometheus' },
  'prometheusRule.grafanaUrl': 'https://grafana.example.com/',
  'prometheusRule.runbooksUrl': 'https://prometheus.example.com/user/html/runbooks',
  'dashboards.enabled': true,
  'dashboards.annotations': { grafana_folder: 'SEQPULSE' },
  'dashboards.seqpulseUrl': 'https://seqpulse.example.com',
  'grafanaRole.enabled': true,
  'networkPolicy.enabled': true,
  'networkPolicy.ingressFrom': [{ namespaceSelector: {} }],
  'networkPolicy.egress': [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
};
/** What the chart does without, when its own part is there. */
const OFF = { 'podDisruptionBudget.enabled': false, 'serviceAccount.create': false, 'networkPolicy.enabled': true };

const kinds = (objects: readonly KubernetesObject[]) => objects.map(({ kind }) => kind).sort();
const ofKind = (objects: readonly KubernetesObject[], kind: string) => {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

test('every value of the chart has a word on what it decides', () => {
  const values = readChartValues(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  expect(values.length).toBeGreaterThan(60);
  expect(values.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
});

test('the chart, its version and the image that it names are those of the release', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
});

test.runIf(isReady)('helm lints the chart, strictly, with defaults and with everything', () => {
  for (const values of [{}, EVERYTHING]) {
    const sets = Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`]);
    const { status, stdout, stderr } = spawnSync(helm, ['lint', '--strict', CHART, ...sets], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  }
});

test.runIf(isReady).each(VERSIONS)('what it renders is valid to Kubernetes %s', (version) => {
  const everything = objectsOf(renderChart(helm, EVERYTHING));
  expect(faultsOf(objectsOf(renderChart(helm)), version)).toEqual([]);
  expect(faultsOf(everything, version)).toEqual([]);
  expect(faultsOf(objectsOf(renderChart(helm, OFF)), version)).toEqual([]);
  expect(kinds(everything)).toEqual([
    ...Array(4).fill('ConfigMap'),
    'Deployment',
    'Ingress',
    'Job',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'PrometheusRule',
    'Secret',
    'Service',
    'ServiceAccount',
    'ServiceMonitor',
  ]);
});

test.runIf(isReady)('an object with a field that there is not is found', () => {
  const [first] = objectsOf(renderChart(helm)).filter(({ kind }) => kind === 'Service') as [KubernetesObject];
  expect(faultsOf([{ ...first, spec: { ...first.spec, sellector: {} } }], '1.37').join()).toContain('sellector');
  const [rule] = objectsOf(renderChart(helm, EVERYTHING)).filter(({ kind }) => kind === 'PrometheusRule') as [
    KubernetesObject,
  ];
  expect(faultsOf([{ ...rule, spec: { grops: [] } }], '1.37').join()).toContain('grops');
});

test.runIf(isReady)('the pods are those of a restricted namespace, drained before they end', () => {
  for (const values of [{}, EVERYTHING]) {
    const pod = ofKind(objectsOf(renderChart(helm, values)), 'Deployment').spec.template.spec;
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    const [container] = pod.containers;
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const env = Object.fromEntries(container.env.map(({ name, value = '' }: Record<string, string>) => [name, value]));
    const delay = Number(env.SEQPULSE_SHUTDOWN_DELAY_SECONDS);
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(delay).toBeGreaterThanOrEqual(periodSeconds * failureThreshold);
    // 10 s are what the service itself takes at most.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(delay + 10 + 5);
  }
});

test.runIf(isReady)('the service takes the settings that the chart gives it', () => {
  const [container] = ofKind(objectsOf(renderChart(helm, EVERYTHING)), 'Deployment').spec.template.spec.containers;
  const secrets: Record<string, string> = {
    DATABASE_URL: EVERYTHING['secret.databaseUrl'],
    SEQPULSE_ADMIN_TOKEN: EVERYTHING['secret.adminToken'],
    SEQPULSE_SECRET_KEY: EVERYTHING['secret.secretKey'],
    SEQPULSE_SMTP_URL: 'smtp://mail.example.com:25',
  };
  const env = container.env.map(({ name, value }: Record<string, string>) => [name, value ?? secrets[name ?? '']]);
  const parsed = parseConfig({ ...Object.fromEntries(env), SEQPULSE_MAIL_FROM: 'seqpulse@example.com' });
  expect(parsed).toMatchObject({ ok: true, config: { retentionDays: 30, shutdownDelaySeconds: 10 } });
});

test.runIf(isReady)(
  'rules and dashboards are those of prometheus/ and grafana/, with this installation’s links',
  () => {
    const objects = objectsOf(renderChart(helm, EVERYTHING));
    const files = ['alerts', 'recording'].map((name) => readFileSync(`prometheus/rules/seqpulse-${name}.yml`, 'utf8'));
    const groups = files.flatMap((text) => parse(text).groups);
    const links = (text: string) =>
      text
        .replaceAll('http://localhost:3002', 'https://grafana.example.com')
        .replaceAll('http://localhost:9090/user', 'https://prometheus.example.com/user');
    expect(ofKind(objects, 'PrometheusRule').spec.groups).toEqual(JSON.parse(links(JSON.stringify(groups))));
    const maps = objects.filter(({ kind }) => kind === 'ConfigMap');
    const shown = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
    expect(Object.keys(shown).sort()).toEqual(readdirSync('grafana/dashboards').sort());
    for (const [name, text] of Object.entries(shown)) {
      const own = readFileSync(`grafana/dashboards/${name}`, 'utf8');
      expect(text.trim()).toBe(own.replaceAll('http://localhost:8000', 'https://seqpulse.example.com').trim());
    }
    const [endpoint] = ofKind(objects, 'ServiceMonitor').spec.endpoints;
    expect(endpoint.relabelings).toEqual([
      { targetLabel: 'job', replacement: 'seqpulse-backend' },
      { targetLabel: 'environment', replacement: 'staging' },
    ]);
  },
);

test.runIf(isReady)('a value that there is not, and a Secret without its parts, are refused', () => {
  expect(() => renderChart(helm, { replicaCount: 3 })).toThrow(/replicaCount/);
  expect(() => renderChart(helm, { 'secret.create': true })).toThrow(/secret.databaseUrl/);
  expect(() => renderChart(helm, { 'secret.existingSecret': '' })).toThrow(/secret.existingSecret/);
});

test.runIf(isReady)('the kustomize base is what the chart renders, and kustomize builds it', () => {
  execFileSync(process.execPath, ['deploy/kustomize/generate-base.ts', '--check'], { stdio: 'pipe' });
  const built = objectsOf(execFileSync(kustomize, ['build', 'deploy/kustomize/base'], { encoding: 'utf8' }));
  expect(kinds(built)).toEqual(kinds(objectsOf(renderChart(helm))));
  expect(faultsOf(built, '1.37')).toEqual([]);
  expect(JSON.stringify(built)).not.toContain('helm');
});
