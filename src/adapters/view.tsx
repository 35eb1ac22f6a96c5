import * as React from 'react';

import type { Adapter, AdapterManifest } from '../api';
import { Button } from '../components';
import { formatBytes, formatNumber, formatTime } from '../format';
import { compareIcon, evaluationIcon } from '../icons';
import { useStudio } from '../shell/context';
import type { Fact } from '../shell/record';
import { Facts, RecordPage, TabHead } from '../shell/record';
import type { ITabHandle } from '../shell/tab';
import { CommandIDs } from '../tokens';
import { exportAdapter } from './export';
import { registerAdapter } from './register';

/** An adapter: how it did, where it came from, and the way to take it along. */
export function AdapterView(props: {
  id: string;
  tab: ITabHandle;
}): JSX.Element {
  const { api, adapters } = useStudio();
  return (
    <RecordPage
      {...props}
      load={id => api.adapters.get(id)}
      changes={adapters.changed}
    >
      {adapter => <AdapterPage adapter={adapter} />}
    </RecordPage>
  );
}

function AdapterPage({ adapter }: { adapter: Adapter }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { manifest, job_id } = adapter;
  const metrics = Object.entries(manifest.metrics);
  return (
    <>
      <TabHead title={adapter.name} subtitle={adapter.path}>
        <Button
          icon={compareIcon}
          label={trans.__('Compare with base')}
          why={
            adapter.base_model_id
              ? null
              : trans.__('Its base model is not imported')
          }
          onClick={() => studio.openCompare({ adapter: adapter.id })}
        />
        <Button
          icon={evaluationIcon}
          label={trans.__('Evaluate')}
          title={trans.__('On rows that it has not seen')}
          why={
            adapter.base_model_id
              ? null
              : trans.__('Its base model is not imported')
          }
          onClick={() => studio.newEvaluation({ adapter: adapter.id })}
        />
        {job_id && (
          <Button
            label={trans.__('Open its run')}
            onClick={() => studio.openRun(job_id)}
          />
        )}
        <Button
          label={trans.__('Register in MLflow…')}
          title={trans.__('As a version of a registered model')}
          onClick={() => void registerAdapter(studio, adapter)}
        />
        <Button
          label={trans.__('Export…')}
          title={trans.__('Merged into its base model, or alone')}
          onClick={() => void exportAdapter(studio, adapter)}
        />
        <Button
          kind="primary"
          label={trans.__('Download')}
          title={trans.__(
            'The adapter’s folder as a zip archive, %1',
            formatBytes(adapter.size_bytes)
          )}
          onClick={() =>
            studio.execute(CommandIDs.downloadAdapter, { id: adapter.id })
          }
        />
      </TabHead>
      {metrics.length > 0 && (
        <>
          <h2>{trans.__('Metrics')}</h2>
          <Facts
            facts={metrics.map(
              ([name, value]): Fact => [
                metricName(name),
                formatNumber(value),
                String(value)
              ]
            )}
          />
        </>
      )}
      <h2>{trans.__('Where it comes from')}</h2>
      <Origin adapter={adapter} />
      <PromptText prompt={manifest.prompt} />
      <Details title={trans.__('LoRA configuration')} value={adapter.config} />
      <Details title={trans.__('Manifest')} value={manifest} />
    </>
  );
}

/** "eval_loss" as people say it. */
export function metricName(name: string): string {
  const words = name.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function text(record: Record<string, unknown>, key: string): string | null {
  const value = record[key];
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : null;
}

function Link(props: {
  label: string | null;
  onClick?: () => void;
}): JSX.Element | null {
  const { label, onClick } = props;
  if (!label) {
    return null;
  }
  return onClick ? (
    <Button kind="plain" label={label} onClick={onClick} />
  ) : (
    <span>{label}</span>
  );
}

function Origin({ adapter }: { adapter: Adapter }): JSX.Element {
  const studio = useStudio();
  const { trans } = studio;
  const { manifest, base_model_id, dataset_id } = adapter;
  const base = text(manifest.base_model, 'name');
  const dataset = text(manifest.dataset, 'name');
  const facts: Fact[] = [
    [
      trans.__('Origin'),
      manifest.origin === 'trained'
        ? trans.__('Trained here')
        : trans.__('Imported')
    ],
    [
      trans.__('Base model'),
      base && (
        <Link
          label={base}
          onClick={
            base_model_id ? () => studio.openModel(base_model_id) : undefined
          }
        />
      )
    ],
    [
      trans.__('Dataset'),
      dataset && (
        <Link
          label={dataset}
          onClick={
            dataset_id ? () => studio.openDataset(dataset_id) : undefined
          }
        />
      )
    ],
    [
      trans.__('Method'),
      manifest.method === 'qlora' ? 'QLoRA' : manifest.method
    ],
    [trans.__('Rank'), text(adapter.config, 'r')],
    [trans.__('Alpha'), text(adapter.config, 'lora_alpha')],
    [trans.__('Rows'), splitRows(manifest)],
    [trans.__('Seed'), manifest.seed],
    [trans.__('Size'), formatBytes(adapter.size_bytes)],
    [trans.__('Made'), formatTime(adapter.created_at)],
    [trans.__('MLflow run'), manifest.mlflow_run_id]
  ];
  return <Facts facts={facts} />;
}

/** "train 380 · validation 20 · test 44", from the manifest's parts. */
export function splitRows({ split }: AdapterManifest): string {
  const parts = (split['parts'] ?? {}) as Record<string, { rows?: unknown }>;
  return ['train', 'validation', 'test']
    .map(part => [part, parts[part]?.rows] as const)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([part, rows]) => `${part} ${formatNumber(rows)}`)
    .join(' · ');
}

function PromptText(props: {
  prompt: Record<string, unknown>;
}): JSX.Element | null {
  const { trans } = useStudio();
  const prompt = text(props.prompt, 'prompt_template');
  const completion = text(props.prompt, 'completion_template');
  if (!prompt) {
    return null;
  }
  return (
    <>
      <h2>{trans.__('Prompt it was trained with')}</h2>
      <pre className="jp-FtStudio-rendered">
        {prompt}
        <mark>{completion}</mark>
      </pre>
    </>
  );
}

function Details(props: { title: string; value: unknown }): JSX.Element {
  return (
    <details className="jp-FtStudio-details">
      <summary>{props.title}</summary>
      <pre className="jp-FtStudio-json">
        {JSON.stringify(props.value, null, 2)}
      </pre>
    </details>
  );
}
