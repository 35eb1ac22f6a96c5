import { bestFit } from '../fit';

const FIT = { device: 'cpu', free_bytes: 1 };

describe('whether a model fits', () => {
  it('is told for the widest precision that does', () => {
    expect(
      bestFit({ ...FIT, bits4: 'fits', bits8: 'fits', bits16: 'tight' })
    ).toEqual([8, 'fits']);
  });

  it('is tight only where nothing fits well', () => {
    expect(
      bestFit({
        ...FIT,
        bits4: 'tight',
        bits8: 'too_large',
        bits16: 'too_large'
      })
    ).toEqual([4, 'tight']);
  });

  it('is said when it does not at all', () => {
    const no = 'too_large' as const;
    expect(bestFit({ ...FIT, bits4: no, bits8: no, bits16: no })).toEqual([
      4,
      'too_large'
    ]);
  });
});
