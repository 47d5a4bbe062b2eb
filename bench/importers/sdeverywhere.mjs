// The C that SDEverywhere generates from a Vensim model. Its compiler has no LOG with a base: that is written out.

import fs from 'node:fs';
import path from 'node:path';
import { parseAndGenerate } from '@sdeverywhere/compile';

const c_name = (name) => `_${name.toLowerCase().replace(/\s+/g, '_')}`;

export async function generate(model, inputs, outputs) {
  const text = fs.readFileSync(model, 'utf8').replace(/LOG\(([^,()]*),([^,()]*)\)/g, '(LN($1)/LN($2))');
  const spec = {
    inputVarNames: inputs, inputVars: inputs.map(c_name), outputVarNames: outputs, outputVars: outputs.map(c_name),
  };
  return parseAndGenerate(text, 'vensim', spec, ['generateC'], path.dirname(model), 'model', path.dirname(model));
}
