// Turns the text of a scalar model into the C++ that one would write for it by hand: a vector of draws, equations in
// order, tables of evenly spaced points read with an index, params as constants. It reads what World3 needs of the
// language and says so when it meets something else.

const kTokens = /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_.]*)|(\d+\.?\d*(?:[eE][+-]?\d+)?)|(<=|>=|==|!=|[-+*/^(),<>=:[\]]))/y;

function tokens(text) {
  const list = [];
  kTokens.lastIndex = 0;
  while (kTokens.lastIndex < text.trimEnd().length) {
    const at = kTokens.lastIndex;
    const m = kTokens.exec(text);
    if (!m) throw new Error(`cannot read: ${text.slice(at, at + 40)}`);
    if (m[1] !== undefined) list.push({ name: JSON.parse(m[1]) });
    else if (m[2] !== undefined) list.push({ name: m[2], word: true });
    else if (m[3] !== undefined) list.push({ number: Number(m[3]) });
    else list.push({ sign: m[4] });
  }
  return list;
}

// ---------------------------------------------------------------- expressions

class Parser {
  constructor(list) {
    this.list = list;
    this.at = 0;
  }
  peek() {
    return this.list[this.at] ?? {};
  }
  take(sign) {
    if (this.peek().sign !== sign) return false;
    this.at += 1;
    return true;
  }
  word(word) {
    if (!this.peek().word || this.peek().name !== word) return false;
    this.at += 1;
    return true;
  }
  expression() {
    if (this.word('if')) {
      const condition = this.binary(0);
      if (!this.word('then')) throw new Error('`then` is missing');
      const yes = this.expression();
      if (!this.word('else')) throw new Error('`else` is missing');
      return { if: [condition, yes, this.expression()] };
    }
    return this.binary(0);
  }
  binary(level) {
    const levels = [['or'], ['and'], ['<', '<=', '>', '>=', '==', '!='], ['+', '-'], ['*', '/']];
    if (level === levels.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { sign, name, word } = this.peek();
      const op = levels[level].find((o) => o === sign || (word && o === name));
      if (!op) return left;
      this.at += 1;
      left = { op, args: [left, this.binary(level + 1)] };
    }
  }
  unary() {
    if (this.take('-')) return { op: 'neg', args: [this.unary()] };
    const base = this.primary();
    if (!this.take('^')) return base;
    return { op: '^', args: [base, this.unary()] };
  }
  primary() {
    const token = this.peek();
    this.at += 1;
    if (token.number !== undefined) return { number: token.number };
    if (token.sign === '(') {
      const inner = this.expression();
      if (!this.take(')')) throw new Error('`)` is missing');
      return inner;
    }
    if (token.name === undefined) throw new Error(`a value is missing before ${JSON.stringify(token)}`);
    if (!this.take('(')) return { name: token.name };
    const args = [];
    do args.push(this.expression());
    while (this.take(','));
    if (!this.take(')')) throw new Error('`)` is missing');
    return { call: token.name, args };
  }
}

const parse = (text) => new Parser(tokens(text)).expression();

// ---------------------------------------------------------------- statements

// Each statement on one line; the parts of a stock stay apart.
function statements(text) {
  const all = [];
  for (const line of text.split('\n')) {
    if (/^(#|\s*$)/.test(line)) continue;
    if (/^\S/.test(line)) all.push([line]);
    else if (/^ {2}(in|out|d\/dt)\b/.test(line)) all.at(-1).push(line.trim());
    else all.at(-1)[all.at(-1).length - 1] += ` ${line.trim()}`;
  }
  return all;
}

const kName = '("(?:[^"\\\\]|\\\\.)*"|[A-Za-z_][A-Za-z0-9_.]*)';
const bare = (name) => (name.startsWith('"') ? JSON.parse(name) : name);
const names = (list) => tokens(list).filter((t) => t.name !== undefined).map((t) => t.name);

export function read(text) {
  const model = { values: new Map(), stocks: new Map(), tables: new Map(), uncertain: new Map(), time: null };
  for (const [head, ...parts] of statements(text)) {
    const time = head.match(/^time (\S+) to (\S+) step (\S+)/);
    const table = head.match(new RegExp(`^table ${kName}\\(x\\)(?: : .*?)? = (.*)$`));
    const value = head.match(new RegExp(`^(param|let|flow) ${kName}(?: : .*?)? = (.*)$`));
    const stock = head.match(new RegExp(`^stock ${kName}(?: : .*?)? = (.*)$`));
    if (time) model.time = { start: Number(time[1]), end: Number(time[2]), step: Number(time[3]) };
    else if (table) {
      const points = [...table[2].matchAll(/\(([^,]+), ([^)]+)\)/g)].map((m) => [Number(m[1]), Number(m[2])]);
      model.tables.set(bare(table[1]), points);
    } else if (stock) {
      const flows = { in: [], out: [] };
      for (const part of parts) {
        const [word] = part.split(' ', 1);
        if (!flows[word]) throw new Error(`a stock with ${word}`);
        flows[word].push(...names(part.slice(word.length)));
      }
      const plus = flows.in.map((name) => ({ name }));
      const rate = flows.out.reduce((left, name) => ({ op: '-', args: [left, { name }] }), plus.length ? plus.reduce((a, b) => ({ op: '+', args: [a, b] })) : { number: 0 });
      model.stocks.set(bare(stock[1]), { initial: parse(stock[2]), rate });
    } else if (value) model.values.set(bare(value[2]), parse(value[3]));
    else if (!/^(model|unit) /.test(head)) throw new Error(`cannot read: ${head.slice(0, 60)}`);
  }
  expand(model);
  return model;
}

// Functions with state become stocks: what the library says they are.
function expand(model) {
  let count = 0;
  const op = (o, ...args) => ({ op: o, args });
  const stock = (initial, rate) => {
    const name = `state ${(count += 1)}`;
    model.stocks.set(name, { initial, rate: null });
    model.stocks.get(name).rate = rate({ name });
    return { name };
  };
  const value = (expr) => {
    const name = `value ${(count += 1)}`;
    model.values.set(name, expr);
    return { name };
  };
  const made = {
    smooth: (x, d, i = x) => stock(i, (s) => op('/', op('-', x, s), d)),
    smooth3: (x, d, i = x) => {
      const part = value(op('/', d, { number: 3 }));
      const first = made.smooth(x, part, i);
      const second = made.smooth(first, part, i);
      return made.smooth(second, part, i);
    },
    delay3: (x, d, i = x) => {
      const part = value(op('/', d, { number: 3 }));
      const stage = (input) => value(op('/', stock(op('*', i, part), (s) => op('-', input, op('/', s, part))), part));
      return stage(stage(stage(x)));
    },
  };
  const walk = (node) => {
    if (node.args) node.args = node.args.map(walk);
    if (node.if) node.if = node.if.map(walk);
    if (made[node.call]) return made[node.call](...node.args.map((a) => (a.name !== undefined || a.number !== undefined ? a : value(a))));
    return node;
  };
  for (const [name, expr] of [...model.values]) model.values.set(name, walk(expr));
}

// ---------------------------------------------------------------- C++

function read_names(node, found = new Set()) {
  if (node.name !== undefined) found.add(node.name);
  for (const part of [...(node.args ?? []), ...(node.if ?? [])]) read_names(part, found);
  return found;
}

// The values in an order in which each comes after those that it reads.
function order(model, wanted, initial) {
  const done = [];
  const state = new Map();
  const visit = (name, path) => {
    if (state.get(name) === 2 || name === 'time') return;
    if (state.get(name) === 1) throw new Error(`a circle: ${[...path, name].join(' -> ')}`);
    state.set(name, 1);
    const stock = model.stocks.get(name);
    const expr = stock ? (initial ? stock.initial : null) : model.values.get(name);
    if (expr) for (const read of read_names(initial ? started(expr) : expr)) visit(read, [...path, name]);
    else if (!stock) throw new Error(`nothing is called ${name}`);
    state.set(name, 2);
    if (!stock || initial) done.push(name);
  };
  for (const name of wanted) visit(name, []);
  return done;
}

// What an expression is while the starting values are found.
function started(node) {
  if (node.call === 'active_initial') return started(node.args[1]);
  return { ...node, ...(node.args && { args: node.args.map(started) }), ...(node.if && { if: node.if.map(started) }) };
}

const literal = (x) => (Number.isInteger(x) ? `${x}.0` : `${x}`);

export function write(model, inputs, outputs) {
  const ids = new Map();
  const id = (name) => {
    if (!ids.has(name)) ids.set(name, `v${ids.size}`);
    return ids.get(name);
  };
  const fixed = new Map();  // one number for all draws and times
  for (const [name, expr] of model.values) {
    if (expr.number !== undefined && !inputs.has(name)) fixed.set(name, expr.number);
  }
  // By the clock alone: one condition for all draws.
  const by_clock = (node) => {
    const all = [...read_names(node)];
    return all.includes('time') && all.every((name) => name === 'time' || fixed.has(name));
  };
  const table_ids = new Map([...model.tables.keys()].map((name, k) => [name, `table${k}`]));
  const scalar = (node) => say(node, (name) => (name === 'time' ? 'time' : literal(fixed.get(name))), true);
  const say = (node, name_of, as_scalar = false) => {
    const go = (n) => say(n, name_of, as_scalar);
    if (node.number !== undefined) return as_scalar ? literal(node.number) : `all(${literal(node.number)})`;
    if (node.name !== undefined) return name_of(node.name);
    if (node.if) {
      const [c, yes, no] = node.if;
      if (by_clock(c)) return `(${scalar(c)} ? ${go(yes)} : ${go(no)})`;
      return `choose(${go(c)}, ${go(yes)}, ${go(no)})`;
    }
    if (node.op === 'neg') return `(-${go(node.args[0])})`;
    if (node.op === '^') return `power(${go(node.args[0])}, ${go(node.args[1])})`;
    if (node.op) return `(${go(node.args[0])} ${node.op} ${go(node.args[1])})`;
    if (table_ids.has(node.call)) return `read(${table_ids.get(node.call)}, ${go(node.args[0])})`;
    if (node.call === 'active_initial') return go(node.args[0]);
    if (node.call === 'max' || node.call === 'min') return `${node.call}_of(${node.args.map(go).join(', ')})`;
    if (node.call === 'log') return `log10_of(${go(node.args[0])})`;
    throw new Error(`cannot write ${node.call}`);
  };
  const name_of = (name) => (name === 'time' ? 'all(time)' : fixed.has(name) ? `all(${literal(fixed.get(name))})` : id(name));
  const live = new Set(model.stocks.keys());
  const rates = [...model.stocks.values()].flatMap((s) => [...read_names(s.rate)]);
  const step = order(model, [...rates, ...outputs], false).filter((n) => !fixed.has(n) && !inputs.has(n));
  const start = order(model, [...live], true).filter((n) => !fixed.has(n) && !inputs.has(n));
  const stocks = [...model.stocks.keys()];
  const lines = [];
  for (const [name, points] of model.tables) {
    const gaps = points.slice(1).map(([x], k) => x - points[k][0]);
    if (gaps.some((gap) => Math.abs(gap - gaps[0]) > 1e-9 * Math.abs(gaps[0]))) throw new Error(`${name}: points at uneven distances`);
    const slopes = points.slice(1).map(([, y], k) => (y - points[k][1]) / gaps[0]);
    lines.push(`static const Table<${points.length}> ${table_ids.get(name)} = {${literal(points[0][0])}, ${literal(gaps[0])}, {${points.map((p) => literal(p[1])).join(', ')}}, {${[...slopes, 0].map(literal).join(', ')}}};`);
  }
  const define = (name, expr) => `const V ${id(name)} = ${say(expr, name_of)};`;
  lines.push(`constexpr int kSteps = ${Math.round((model.time.end - model.time.start) / model.time.step)}, kOutputs = ${outputs.length};`);
  lines.push('static void run(const double* inputs, size_t draws, size_t first, double* out) {');
  [...inputs.keys()].forEach((name, k) => lines.push(`  const V ${id(name)} = load(inputs + ${k} * draws + first);`));
  for (const name of stocks) lines.push(`  V ${id(name)};`);
  lines.push(`  { const double time = ${literal(model.time.start)};`);
  for (const name of start) {
    const expr = started(model.stocks.get(name)?.initial ?? model.values.get(name));
    lines.push(`    ${model.stocks.has(name) ? `${id(name)} = ${say(expr, name_of)};` : define(name, expr)}`);
  }
  lines.push('  (void)time; }', '  for (int k = 0; k <= kSteps; ++k) {', `    const double time = ${literal(model.time.start)} + k * ${literal(model.time.step)};`);
  for (const name of step) lines.push(`    ${define(name, model.values.get(name))}`);
  outputs.forEach((name, k) => lines.push(`    store(out + (static_cast<size_t>(k) * kOutputs + ${k}) * draws + first, ${name_of(name)});`));
  stocks.forEach((name, k) => lines.push(`    const V r${k} = ${say(model.stocks.get(name).rate, name_of)};`));
  stocks.forEach((name, k) => lines.push(`    ${id(name)} = ${id(name)} + r${k} * all(${literal(model.time.step)});`));
  lines.push('  }', '}');
  return lines.join('\n');
}
