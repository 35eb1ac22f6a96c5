import type { TranslationBundle } from '@jupyterlab/translation';

/** The words for a group of fields. */
export function groupTitle(group: string, trans: TranslationBundle): string {
  const titles: Record<string, string> = {
    training: trans.__('Training'),
    lora: trans.__('LoRA'),
    quantization: trans.__('Quantization'),
    optimizer: trans.__('Optimizer'),
    data: trans.__('Data'),
    evaluation: trans.__('Evaluation'),
    checkpoints: trans.__('Checkpoints'),
    resources: trans.__('Resources')
  };
  return titles[group] ?? group;
}

/** The words for one of several values; names that people know from the libraries stay. */
export function choiceLabel(
  path: string,
  value: string,
  trans: TranslationBundle
): string {
  const labels: Record<string, string> = {
    'method/qlora': trans.__('QLoRA (4-bit base)'),
    'method/lora': trans.__('LoRA (16-bit base)'),
    'loss_on/completion': trans.__('The completion'),
    'loss_on/all': trans.__('Prompt and completion'),
    'evaluation.strategy/off': trans.__('Off'),
    'evaluation.strategy/steps': trans.__('Every so many steps'),
    'evaluation.strategy/epoch': trans.__('After each epoch'),
    'quantization.quant_type/nf4': 'NF4',
    'quantization.quant_type/fp4': 'FP4',
    'optimizer.name/adamw_torch': 'AdamW',
    'optimizer.name/adamw_8bit': trans.__('AdamW, 8-bit'),
    'optimizer.name/paged_adamw_8bit': trans.__('AdamW, 8-bit, paged'),
    'optimizer.name/paged_adamw_32bit': trans.__('AdamW, 32-bit, paged'),
    'optimizer.scheduler/cosine': trans.__('Cosine'),
    'optimizer.scheduler/linear': trans.__('Linear'),
    'optimizer.scheduler/constant': trans.__('Constant'),
    'optimizer.scheduler/constant_with_warmup': trans.__(
      'Constant after warm-up'
    )
  };
  return labels[`${path}/${value}`] ?? value;
}
