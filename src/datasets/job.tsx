import { Poll } from '@lumino/polling';
import * as React from 'react';

import type { Job } from '../api';
import { Button, isFinal, ProgressBar, stateWord } from '../components';
import { formatBytes, formatLeft, formatNumber } from '../format';
import { useStudio } from '../shell/context';

const POLL_MS = 1_000;

/** A light job while it goes on: asked for every second, and at once when the server hints. */
export function useJob(
  id: string | null | undefined,
  onEnd: (job: Job | null) => void
): Job | null {
  const { api, live } = useStudio();
  const [job, setJob] = React.useState<Job | null>(null);
  React.useEffect(() => {
    setJob(null);
    if (!id) {
      return;
    }
    const poll = new Poll<Job, Error>({
      name: `ftstudio:job-${id}`,
      standby: 'when-hidden',
      frequency: { interval: POLL_MS, backoff: true, max: 15_000 },
      factory: () => api.jobs.get(id, { background: true })
    });
    const onTick = (_: unknown, tick: { phase: string; payload: unknown }) => {
      if (tick.phase === 'resolved') {
        const found = tick.payload as Job;
        setJob(found);
        if (isFinal(found.state)) {
          void poll.stop();
          onEnd(found);
        }
      } else if (tick.phase === 'rejected' && isGone(tick.payload)) {
        void poll.stop();
        onEnd(null);
      }
    };
    const onHint = (_: unknown, hint: { job_id: string }) => {
      if (hint.job_id === id) {
        void poll.refresh();
      }
    };
    poll.ticked.connect(onTick);
    live.hinted.connect(onHint);
    return () => {
      live.hinted.disconnect(onHint);
      poll.dispose();
    };
  }, [id]);
  return job;
}

function isGone(reason: unknown): boolean {
  return (reason as { status?: number } | null)?.status === 404;
}

/** How far a light job is, in numbers, and the button that ends it. */
export function JobProgress(props: {
  job: Job | null;
  label: string;
}): JSX.Element {
  const { api, messages, trans } = useStudio();
  const { job, label } = props;
  const [stopping, setStopping] = React.useState(false);
  const cancel = () => {
    if (job) {
      setStopping(true);
      api.jobs.stop(job.id, { save: false }).catch(reason => {
        setStopping(false);
        messages.error(reason);
      });
    }
  };
  const { step, total_steps: total } = job?.progress ?? {};
  const share = total ? (step ?? 0) / total : null;
  return (
    <div className="jp-FtStudio-jobProgress">
      <ProgressBar share={share} label={label} />
      <span aria-live="polite">{job ? words(job, trans) : label}</span>
      <Button
        label={trans.__('Cancel')}
        busy={stopping || job?.state === 'stopping'}
        why={job ? null : trans.__('It has not begun yet')}
        onClick={cancel}
      />
    </div>
  );
}

function words(job: Job, trans: ReturnType<typeof useStudio>['trans']): string {
  const { progress } = job;
  if (job.state !== 'running' || !progress) {
    const word = stateWord(job.state, trans);
    return job.reason ? `${word} · ${job.reason}` : word;
  }
  const { step, total_steps: total, eta_s, phase, unit } = progress;
  const shown = unit === 'bytes' ? formatBytes : formatNumber;
  const parts = [phase ?? stateWord(job.state, trans)];
  if (total) {
    parts.push(trans.__('%1 of %2', shown(step), shown(total)));
  } else if (step) {
    parts.push(shown(step));
  }
  if (eta_s) {
    parts.push(formatLeft(eta_s, trans));
  }
  return parts.join(' · ');
}
