import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments, stringify } from 'yaml';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: what each kind has is for its schema to say.
  readonly [part: string]: any;
}

export function objectsOf(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

const CRDS = resolve('.cache/kubernetes/crds');
const VENV = resolve('.venv/bin/kubernetes-validate');

/** The program that knows Kubernetes' schemas; null: not installed (npm run kubernetes:tools). */
export const validator: string | null =
  [VENV, 'kubernetes-validate'].find((name) => spawnSync(name, ['--version']).status === 0) ?? null;
export const hasOperatorSchemas = existsSync(join(CRDS, 'prometheusrules.yaml'));

/** What is wrong with objects by Kubernetes' own schemas and the Prometheus Operator's: unknown fields too. */
export function faultsOf(objects: readonly KubernetesObject[], kubernetesVersion: string): string[] {
  const own = objects.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com/'));
  const others = objects.filter((object) => !own.includes(object));
  return [...byKubernetes(own, kubernetesVersion), ...others.flatMap(byOperator)];
}

function byKubernetes(objects: readonly KubernetesObject[], version: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  try {
    const file = join(folder, 'objects.yaml');
    writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
    const { status, stdout, stderr } = spawnSync(
      validator ?? '',
      ['--strict', '--no-warn', '--quiet', '-k', version, file],
      { encoding: 'utf8' },
    );
    return status === 0 ? [] : [stdout + stderr];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function byOperator(object: KubernetesObject): string[] {
  const crd = parse(readFileSync(join(CRDS, `${object.kind.toLowerCase()}s.yaml`), 'utf8'));
  const { schema } = crd.spec.versions.find(({ name }: { name: string }) => object.apiVersion.endsWith(`/${name}`));
  // The API server drops what a schema does not name; here it is a fault.
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
    closed(schema.openAPIV3Schema),
  );
  const isValid: boolean = validate(object);
  if (isValid) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [object.kind, instancePath, message, JSON.stringify(params)].join(' '),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema.
function closed(schema: any, path = ''): any {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((part) => closed(part, path));
  // Go's expressions know a flag for any case; what is written here is in small letters.
  const own = typeof schema.pattern === 'string' ? { pattern: schema.pattern.replace('(?i)', '') } : {};
  const parts = Object.fromEntries(
    Object.entries({ ...schema, ...own }).map(([key, part]) => [key, closed(part, `${path}/${key}`)]),
  );
  const isObject = parts.type === 'object' && parts.properties !== undefined && !path.endsWith('/metadata');
  return isObject ? { additionalProperties: false, ...parts } : parts;
}
