import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { show, studioAnswering } from '../../__mocks__/studio';
import type { Evaluation, Metrics } from '../../api';
import { useModels } from '../../state';
import { EvaluationModel } from '../model';
import { MetricTable } from '../table';

function evaluation(id: string, name: string, value: number): Evaluation {
  const estimate = { value, low: value, high: value, n: 10, successes: null };
  const system = { system: 'a1', label: `${name}'s adapter`, rows: 10 };
  return {
    job_id: id,
    name,
    state: 'succeeded',
    dataset: 'sql',
    prompt: 'ask',
    metrics: {
      infos: [
        {
          key: 'exact_match',
          title: 'Exact match',
          percent: true,
          description: ''
        }
      ],
      primary_metric: 'exact_match',
      systems: [{ key: 'a1', label: `${name}'s adapter` }],
      splits: ['test'],
      overall: [{ ...system, metrics: { exact_match: estimate } }],
      scores: [],
      comparisons: [],
      baseline: null
    }
  } as unknown as Evaluation;
}

const AGAINST = {
  metric: 'exact_match',
  system: 'a1',
  label: "first's adapter",
  others: [
    {
      job_id: 'e2',
      name: 'second',
      rows: 10,
      shared_rows: 7,
      other_prompt: false,
      problem: null,
      comparisons: [
        {
          system: 'a1',
          metric: 'exact_match',
          verdict: 'worse',
          sentence: 'It is worse on 5 of 7 rows.',
          difference: -0.25,
          low: -0.4,
          high: -0.1,
          test: 'a test',
          p_adjusted: 0.01,
          wins: 0,
          losses: 5,
          ties: 2
        }
      ]
    }
  ]
};

const FIRST = evaluation('e1', 'first', 0.5);
const SECOND = evaluation('e2', 'second', 0.25);

function Table({ model }: { model: EvaluationModel }): JSX.Element {
  useModels(model);
  return <MetricTable model={model} metrics={FIRST.metrics as Metrics} />;
}

describe('the metrics of an evaluation', () => {
  it('stand beside those of any other one', async () => {
    const { studio } = studioAnswering({
      'GET evaluations': { items: [FIRST, SECOND], total: 2 },
      'GET evaluations/e1': FIRST,
      'GET evaluations/e2': SECOND,
      'GET evaluations/e1/against': AGAINST
    });
    await studio.evaluations.refresh();
    const model = new EvaluationModel(studio, 'e1');
    show(studio, <Table model={model} />);
    expect(screen.getByRole('row', { name: /first's adapter/ })).toBeTruthy();
    const menu = screen.getByLabelText('Beside another evaluation');
    expect(menu.querySelectorAll('option:not([hidden])')).toHaveLength(1);
    fireEvent.change(menu, { target: { value: 'e2' } });
    const row = await screen.findByRole('row', { name: /second's adapter/ });
    expect(row.textContent).toContain('25 %');
    await screen.findByText('It is worse on 5 of 7 rows.');
    expect(row.textContent).toContain('▼');
    expect(screen.getByText(/7 of its 10 rows are the same/)).toBeTruthy();
    expect(screen.queryByLabelText('Beside another evaluation')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Remove' }));
    await waitFor(() =>
      expect(screen.queryByRole('row', { name: /second's adapter/ })).toBeNull()
    );
    model.dispose();
  });
});
