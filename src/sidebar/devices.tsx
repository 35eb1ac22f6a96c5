import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Device } from '../api';
import { ErrorBox } from '../components';
import { formatBytes } from '../format';
import { useStudio } from '../shell/context';
import { useModels } from '../state';

/** What jobs run on, one line a device, and what is wrong with it. */
export function Devices(): JSX.Element | null {
  const studio = useStudio();
  const { trans, status } = studio;
  useModels(status);
  const { value, error } = status;
  if (error && !value) {
    return <ErrorBox error={error} retry={() => void studio.live.refresh()} />;
  }
  if (!value) {
    return null;
  }
  const gpus = value.devices.filter(device => device.kind === 'cuda');
  const shown = gpus.length ? gpus : value.devices;
  const stack = value.interpreter?.error;
  return (
    <div className="jp-FtStudio-devices">
      {shown.map((device, index) => (
        <DeviceLine key={device.id} device={device} index={index} />
      ))}
      {error && <Note text={error.message} />}
      {value.read_only && (
        <Note
          text={trans.__(
            'Read-only: another server holds this workspace, and its file system has no locks.'
          )}
        />
      )}
      {stack && (
        <Note text={[stack.message, stack.remedy].filter(Boolean).join(' ')} />
      )}
    </div>
  );
}

function Note({ text }: { text: string }): JSX.Element {
  return (
    <div className="jp-FtStudio-note" role="status">
      {text}
    </div>
  );
}

function DeviceLine(props: { device: Device; index: number }): JSX.Element {
  const { trans } = useStudio();
  const { device, index } = props;
  const total = device.memory_total_bytes;
  const used = Math.max(0, total - device.memory_free_bytes);
  const share = total ? used / total : 0;
  const name = deviceName(device, index, trans);
  const memory = trans.__(
    '%1 of %2 used',
    formatBytes(used),
    formatBytes(total)
  );
  return (
    <div
      className="jp-FtStudio-device"
      title={`${name} · ${device.name}\n${memory}`}
    >
      <span className="jp-FtStudio-name">
        {device.kind === 'cuda' ? `${name} · ${device.name}` : name}
      </span>
      <span className="jp-FtStudio-aside">
        {gigabytes(used)} / {formatBytes(total)}
      </span>
      <span
        className="jp-FtStudio-meter"
        role="meter"
        aria-label={trans.__('Memory of %1', name)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={memory}
        data-full={share > 0.9}
      >
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
    </div>
  );
}

function gigabytes(bytes: number): string {
  return String(Number((bytes / 1e9).toPrecision(2)));
}

function deviceName(
  device: Device,
  index: number,
  trans: TranslationBundle
): string {
  return device.kind === 'cuda'
    ? trans.__('GPU %1', index)
    : trans.__('CPU · RAM');
}
