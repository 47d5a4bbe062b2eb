// A made-up model of the size of large real ones: scalar variables in chains of lookups, smooths and stocks, and arrays
// over two dimensions with a sum along one of them. The same equations as Vensim's text and as XMILE.

function parts({ variables, arrays, elements }) {
  const rows = 10;
  const columns = elements / rows;
  const scalar = [];
  for (let k = 1; k <= variables - 4 * arrays; k += 1) {
    const before = k > 3 ? k - 3 : null;
    const input = before ? `aux ${before}` : 'Time';
    if (k % 10 === 0) scalar.push({ name: `aux ${k}`, stock: [`${input} / 50 - aux ${k} / 20`, '10'] });
    else if (k % 7 === 0) scalar.push({ name: `aux ${k}`, smooth: [input, `${2 + (k % 5)}`] });
    else if (k % 5 === 0) scalar.push({ name: `aux ${k}`, lookup: input });
    else if (k % 3 === 0) scalar.push({ name: `aux ${k}`, constant: `${(k % 17) / 4 + 0.5}` });
    else scalar.push({ name: `aux ${k}`, equation: `MIN(${input} * 0.9 + ${k > 1 ? `aux ${k - 1}` : '1'} / 10, 1000)` });
  }
  return { scalar, rows, columns };
}

const range = (n, f) => Array.from({ length: n }, (_, k) => f(k + 1));

export function large_mdl(size) {
  const { scalar, rows, columns } = parts(size);
  const equations = [`row : (r1-r${rows})`, `column : (c1-c${columns})`, 'curve((0,0),(10,8),(100,60),(1000,400))'];
  for (const v of scalar) {
    if (v.stock) equations.push(`${v.name} = INTEG(${v.stock.join(', ')})`);
    else if (v.smooth) equations.push(`${v.name} = SMOOTH(${v.smooth.join(', ')})`);
    else if (v.lookup) equations.push(`${v.name} = curve(${v.lookup})`);
    else equations.push(`${v.name} = ${v.constant ?? v.equation}`);
  }
  range(size.arrays, (k) => {
    const from = k > 1 ? `total ${k - 1}[row]` : 'aux 9';
    equations.push(`share ${k}[row, column] = 1 / (1 + level ${k}[row, column] / 100)`);
    equations.push(`level ${k}[row, column] = INTEG(share ${k}[row, column] * ${from} - level ${k}[row, column] / 8, 5)`);
    equations.push(`total ${k}[row] = SUM(level ${k}[row, column!]) / ${columns}`);
    equations.push(`weight ${k}[row, column] = IF THEN ELSE(level ${k}[row, column] > 5, share ${k}[row, column], 0)`);
  });
  equations.push('FINAL TIME = 10', 'INITIAL TIME = 0', 'TIME STEP = 0.5', 'SAVEPER = TIME STEP');
  return `{UTF-8}\n${equations.map((e) => `${e}\n\t~ Dmnl\n\t~\n\t|\n`).join('\n')}`;
}

export function large_xmile(size) {
  const { scalar, rows, columns } = parts(size);
  const spell = (text) => text.replace(/(aux|level|share|total|weight) (\d+)/g, '$1_$2');
  const out = [];
  const dims = (names) => `<dimensions>${names.map((n) => `<dim name="${n}"/>`).join('')}</dimensions>`;
  const aux = (name, equation, inner = '') => out.push(`<aux name="${name}">${inner}<eqn>${spell(equation).replace('>', '&gt;')}</eqn></aux>`);
  const stock = (name, rate, initial, inner = '') => {
    out.push(`<stock name="${name}">${inner}<eqn>${initial}</eqn><inflow>${spell(name)}_rate</inflow></stock>`);
    out.push(`<flow name="${name} rate">${inner}<eqn>${spell(rate)}</eqn></flow>`);
  };
  out.push('<gf name="curve"><xpts>0,10,100,1000</xpts><ypts>0,8,60,400</ypts></gf>');
  for (const v of scalar) {
    if (v.stock) stock(v.name, ...v.stock);
    else if (v.smooth) aux(v.name, `SMTH1(${v.smooth.join(', ')})`);
    else if (v.lookup) aux(v.name, `curve(${v.lookup})`);
    else aux(v.name, v.constant ?? v.equation);
  }
  const both = dims(['row', 'column']);
  range(size.arrays, (k) => {
    const from = k > 1 ? `total ${k - 1}[row]` : 'aux 9';
    aux(`share ${k}`, `1 / (1 + level ${k}[row, column] / 100)`, both);
    stock(`level ${k}`, `share ${k}[row, column] * ${from} - level ${k}[row, column] / 8`, '5', both);
    aux(`total ${k}`, `SUM(level ${k}[row, *]) / ${columns}`, dims(['row']));
    aux(`weight ${k}`, `IF level ${k}[row, column] > 5 THEN share ${k}[row, column] ELSE 0`, both);
  });
  const dim = (name, n, letter) => `<dim name="${name}">${range(n, (i) => `<elem name="${letter}${i}"/>`).join('')}</dim>`;
  return `<?xml version="1.0"?>\n<xmile version="1.0"><sim_specs method="euler"><start>0</start><stop>10</stop><dt>0.5</dt></sim_specs>
<dimensions>${dim('row', rows, 'r')}${dim('column', columns, 'c')}</dimensions>
<model><variables>\n${out.join('\n')}\n</variables></model></xmile>\n`;
}
