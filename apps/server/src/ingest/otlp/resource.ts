import type { Label } from '@hubpulse/model';
import type { ProtobufReader } from '../protobuf.ts';
import { attributeText, type Attributes } from './attribute.ts';
import { readAttribute, readAttributes, readText } from './attribute-field.ts';
import { labelsOf } from './label-name.ts';

/** `Resource.attributes` and `InstrumentationScope.name`, `version`, `attributes`. */
const RESOURCE_ATTRIBUTE_TAG = 0x0a;
const SCOPE_NAME_TAG = 0x0a;
const SCOPE_VERSION_TAG = 0x12;
const SCOPE_ATTRIBUTE_TAG = 0x1a;

/** The library that made a metric, a span or a log record. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

/** What a sender without `service.name` is called, as OpenTelemetry's own SDKs do. */
const UNKNOWN_SERVICE = 'unknown_service';

/** Attributes that `job` and `instance` are made of. */
const IDENTIFYING = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** Attributes of a resource that every one of its series carries: by them the overview knows a host. */
const PROMOTED = new Set(['host.name']);

/** Reads a `Resource` that reaches to the reader's end. @throws Refusal `malformed` */
export function readResource(reader: ProtobufReader): Attributes {
  return readAttributes(reader, RESOURCE_ATTRIBUTE_TAG);
}

/** Reads an `InstrumentationScope` that reaches to the reader's end. @throws Refusal `malformed` */
export function readScope(reader: ProtobufReader): Scope {
  const attributes = new Map();
  let name = '';
  let version = '';
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === SCOPE_NAME_TAG) name = readText(reader);
    else if (tag === SCOPE_VERSION_TAG) version = readText(reader);
    else if (tag === SCOPE_ATTRIBUTE_TAG) readAttribute(reader, attributes);
    else reader.skip(tag);
  }
  return { name, version, attributes };
}

/**
 * The labels that every series of a resource carries: `job`, `instance` where it has one, and `host_name` where it has one.
 *
 * `job` is `service.namespace/service.name`. `instance` is `service.instance.id`; without it the name of the pod or the
 * container, then the host's name with the process id, so that two processes of a service do not write the same series.
 */
export function targetLabels(resource: Attributes): Label[] {
  const promoted = labelsOf(resource, (attribute) => PROMOTED.has(attribute));
  return [['job', jobOf(resource)], ['instance', instanceOf(resource)], ...promoted];
}

/** The labels of `target_info`: those of the target, and everything else that is known of it. */
export function targetInfoLabels(resource: Attributes): Label[] {
  const others = labelsOf(resource, (attribute) => !IDENTIFYING.has(attribute));
  return [...others, ...targetLabels(resource)];
}

function jobOf(resource: Attributes): string {
  const name = textOf(resource, 'service.name') || UNKNOWN_SERVICE;
  const namespace = textOf(resource, 'service.namespace');
  return namespace === '' ? name : `${namespace}/${name}`;
}

function instanceOf(resource: Attributes): string {
  for (const attribute of ['service.instance.id', 'k8s.pod.name', 'container.id']) {
    const text = textOf(resource, attribute);
    if (text !== '') return text;
  }
  const host = textOf(resource, 'host.name');
  const process = textOf(resource, 'process.pid');
  return host === '' || process === '' ? host : `${host}:${process}`;
}

function textOf(resource: Attributes, name: string): string {
  return attributeText(resource.get(name));
}
