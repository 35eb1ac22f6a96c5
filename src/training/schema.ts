import type { JsonSchema } from '../api';

export type FieldKind =
  | 'integer'
  | 'number'
  | 'boolean'
  | 'text'
  | 'choice'
  | 'words'
  | 'json';

/** One field of a form, as the server's JSON Schema describes it. */
export interface IFieldSpec {
  /** Where its value lies in the specification: `lora.r`. */
  path: string;
  title: string;
  description: string;
  kind: FieldKind;
  choices: string[];
  default: unknown;
  required: boolean;
  unit: string;
  widget: string;
  group: string;
  order: number;
  advanced: boolean;
  placeholder: string;
  pattern: string;
  minimum: number | null;
  /** Whether the minimum itself is too small. */
  aboveMinimum: boolean;
  maximum: number | null;
  belowMaximum: boolean;
}

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOr(...values: unknown[]): number | null {
  const found = values.find(value => typeof value === 'number');
  return typeof found === 'number' ? found : null;
}

/** All fields of a schema, those of the objects inside of it too, in their order. */
export function fieldsOf(schema: JsonSchema): IFieldSpec[] {
  const fields = collect(schema, schema, '');
  const groups = [...new Set(fields.map(field => field.group))];
  return fields.sort(
    (a, b) =>
      groups.indexOf(a.group) - groups.indexOf(b.group) || a.order - b.order
  );
}

function collect(node: Node, root: Node, prefix: string): IFieldSpec[] {
  const properties = isNode(node.properties) ? node.properties : {};
  const required = Array.isArray(node.required) ? node.required : [];
  return Object.entries(properties).flatMap(([name, value]) => {
    const property = isNode(value) ? value : {};
    const target = resolve(property, root);
    const path = prefix + name;
    return isNode(target.properties)
      ? collect(target, root, `${path}.`)
      : [toField(path, target, required.includes(name))];
  });
}

/** A property with what its `$ref` points at. */
function resolve(property: Node, root: Node): Node {
  const all = Array.isArray(property.allOf) ? property.allOf : [];
  const one = all.length === 1 && isNode(all[0]) ? all[0] : {};
  const reference = text(property.$ref) || text(one.$ref);
  const name = reference.split('/').pop() ?? '';
  const definitions = isNode(root.$defs) ? root.$defs : {};
  const found = definitions[name];
  return isNode(found) ? { ...found, ...property } : property;
}

function toField(path: string, node: Node, required: boolean): IFieldSpec {
  const hints = isNode(node.ui) ? node.ui : {};
  const choices = Array.isArray(node.enum) ? node.enum.map(String) : [];
  return {
    path,
    title: text(node.title) || path,
    description: text(node.description),
    kind: kindOf(node, text(hints.widget), choices),
    choices,
    default: node.default ?? null,
    required,
    unit: text(hints.unit),
    widget: text(hints.widget),
    group: text(hints.group) || 'other',
    order: numberOr(hints.order) ?? 99,
    advanced: hints.advanced === true,
    placeholder: text(hints.placeholder),
    pattern: text(node.pattern),
    minimum: numberOr(node.minimum, node.exclusiveMinimum),
    aboveMinimum: typeof node.exclusiveMinimum === 'number',
    maximum: numberOr(node.maximum, node.exclusiveMaximum),
    belowMaximum: typeof node.exclusiveMaximum === 'number'
  };
}

function kindOf(node: Node, widget: string, choices: string[]): FieldKind {
  if (choices.length) {
    return 'choice';
  }
  if (widget === 'json' || node.type === 'object') {
    return 'json';
  }
  if (Array.isArray(node.anyOf)) {
    return 'words';
  }
  switch (node.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return node.type;
    default:
      return 'text';
  }
}
