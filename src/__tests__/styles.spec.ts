import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';

const STYLE = join(__dirname, '../../style');

describe('the style sheets', () => {
  for (const name of readdirSync(STYLE).filter(file => file.endsWith('.css'))) {
    const text = readFileSync(join(STYLE, name), 'utf8');

    it(`${name} takes all colours from the theme`, () => {
      expect(text).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i);
    });
  }
});
