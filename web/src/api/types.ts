// What the server says about a model, see src/server/describe.cc.

export type ValueType = 'number' | 'boolean' | 'date'

export interface Provenance {
  sources: string[]
  assumed?: string
  note?: string
}

export interface Shape {
  low?: number
  high?: number
  density?: number[]
  atoms?: [number, number][]
}

export interface Input extends Provenance {
  name: string
  variable: string
  unit: string
  title?: string
  doc?: string
  type: ValueType
  family: string
  text: string
  p1: number
  p5: number
  p25: number
  p50: number
  p75: number
  p95: number
  p99: number
  shape: Shape | null
  shift: 'factor' | 'share' | ''
}

export interface Choice extends Provenance {
  name: string
  unit: string
  value: number
  title?: string
  doc?: string
}

export interface Scenario {
  name: string
  title: string
  changes: { name: string; from: string; to: string }[]
}

export interface Claim extends Provenance {
  id: string
  title: string
  measure: string
  unit: string
  type: ValueType
  thresholds: { op: '<' | '<=' | '>' | '>='; value: number }[]
  series?: string
  said_by?: string // the title of its first source
  rests_on: { sources: number; guesses: number }
}

export interface Measure {
  name: string
  title: string
  unit: string
  type: ValueType
  series?: string
}

export interface Observation extends Provenance {
  text: string
  unit: string
  p5: number
  p50: number
  p95: number
  series?: string
  from?: number
  to?: number
  over?: number
}

export interface Variable extends Provenance {
  name: string
  kind: 'param' | 'data' | 'let' | 'flow' | 'stock'
  unit: string
  type: ValueType
  title?: string
  doc?: string
  dims: string[]
  elements: string[]
  uses: string[]
  in?: string[]
  out?: string[]
  equation?: string
  mathml?: string
  file?: string
  line?: number
}

export interface Source {
  id: string
  title: string
  url: string
  date: string
  kind: string
  note: string
  used_by: string[]
}

// Where a variable stands on the diagram that the model brings along.
export interface Place {
  name: string
  x: number
  y: number
  view: string
}

export interface ModelFile {
  name: string
  text: string
  language: 'hr' | 'xml'
}

// What the first page shows of a model; the rest comes after it.
export interface FirstPart {
  name: string
  title: string
  hash: string
  calendar: boolean
  static: boolean
  time_unit: string
  start: number
  end: number
  uncertain: boolean
  watchable: boolean // a reading could tell something about a claim or a measure
  claims: Claim[]
  headline: string[]
  law?: '' | 'model' | 'built-in'
  posterior?: { file: string; text: string } // where draws come from, when not from the priors
}

export interface Model extends FirstPart {
  inputs: Input[]
  choices: Choice[]
  scenarios: Scenario[]
  measures: Measure[]
  observations: Observation[]
  variables: Variable[]
  sketch?: Place[]
  sources: Source[]
  files: ModelFile[]
  events?: Event[]
}

// A day on which the law changes.
export interface Event {
  time: number
  date: string
  id: string
  name: string
}

export type Mode = 'shift' | 'pin' | 'given' | 'replace'

export interface Change {
  input: string
  mode: Mode
  value?: number
  low?: number
  high?: number
  text?: string
}

export interface Diagnostic {
  kind: string
  severity: 'error' | 'warning'
  message: string
  hint?: string
  file?: string
  line?: number
  column?: number
  from?: number
  to?: number
}

export interface Question {
  scenarios: string[]
  changes: Change[]
  outputs: string[]
  answers: boolean
  only?: string[] // of what the scenarios set, only what they set for these
}

// ---------------------------------------------------------------- answers

// A finite number, or the word of one that is not.
export type Finite = number | 'never' | '-infinity' | null
export interface Stats {
  mean: Finite
  p5: Finite
  p10: Finite
  p25: Finite
  p50: Finite
  p75: Finite
  p90: Finite
  p95: Finite
}

export interface Bands {
  mean: Float32Array
  p5: Float32Array
  p10: Float32Array
  p25: Float32Array
  p50: Float32Array
  p75: Float32Array
  p90: Float32Array
  p95: Float32Array
}
export const stats = ['mean', 'p5', 'p10', 'p25', 'p50', 'p75', 'p90', 'p95'] as const

export interface Output {
  name: string
  unit: string
  type: ValueType
  bands: Bands
}
export interface Histogram {
  low: number
  high: number
  bins: Float32Array
}
export interface ClaimAnswer {
  id: string
  odds: Finite
  stats: Stats
  shape: Histogram | null
}
export interface MeasureAnswer {
  name: string
  type: ValueType
  stats: Stats
}
export interface Run {
  settled: boolean
  asked?: Question // what it answers
  sequence: number
  draws: number
  failed: number
  single: boolean
  ms: number
  seed: number
  backend: string
  warnings: string[]
  steadied?: boolean // a preview whose bands lean on the last settled answer
  times: Float32Array
  outputs: Output[]
  claims: ClaimAnswer[]
  measures: MeasureAnswer[]
}

// ---------------------------------------------------------------- law

export interface Code {
  code: string
  title: string
}
export interface Fact {
  name: string
  title: string
  kind: 'number' | 'condition' | 'code'
  unit?: string
  codes?: Code[]
  from_chip: boolean
  assumed: boolean
}
export interface Act {
  id: string
  date: string // in force from
  end: string
  jurisdiction: string
  kind: string
  title: string
  citation: string
  confidence: string
  url: string
}
export interface Law {
  facts: Fact[]
  outcomes: Code[]
  changes: string[]
  acts: Act[]
  notice: string
}
export interface Stretch {
  from: string
  class: string
  outcome: string
  reasons: string
}
export interface Need {
  fact: string
  if: string
  then: string
  else: string
}
export interface Ruling {
  date: string
  class: string
  outcome: string
  reasons: string
  outcome_detail: { determined: boolean; possible: string[]; needs: Need[] }
  facts: Record<string, number | string | boolean | { low: number; high: number } | null>
  trace: {
    rule: string
    clause: string
    exception: boolean
    condition: string
    holds: 'yes' | 'no' | 'unknown'
    answer: string
    since: string | null
    cite: string
    sources: string[]
  }[]
  stretches: Stretch[]
  notice: string
}
export interface CatalogueChip {
  id: string
  name: string
  designer?: string
  tpp: number | null
  pd: number | null
  io: number | null
  dram: number | null
  area: number | null
  source?: string
  stretches: Stretch[]
}
export interface Plane {
  tpp: number[]
  pd: number[]
  cells: { class: string; outcome: string }[][]
}
export interface Catalogue {
  date: string
  chips: CatalogueChip[]
  plane: Plane | null
}
export interface TableAnswer {
  text: string
  rows: number
  wrong: number
  errors: string[]
}

// ---------------------------------------------------------------- what to watch

// A number, an ISO date, or nothing finite.
export type Reading = number | string | null
export interface Spot {
  p10: Reading
  p50: Reading
  p90: Reading
}
export interface Indicator extends Spot {
  id: string
  title: string
  reads: string
  unit: string
  next: string | null
  every_months: number
  exact: boolean
  source: string
  note: string
}
export interface Tripwire {
  side: 'above' | 'below'
  reading: Reading
  chance: number
  then?: string
}
export interface Told {
  indicator: string
  worth: number
  steady: boolean
  narrowing?: number
  moves_odds?: number
  if_low: Reading
  if_high: Reading
  tripwire: Tripwire | null
}
export type Belief = { odds: number } | Spot
export interface WatchedQuestion {
  name: string
  title: string
  claim: boolean
  sure: number | null
  unit: string
  before: Belief
  after: Belief
  ranked: Told[]
}
export interface Advised {
  indicator: string
  worth: number
  error: number
  steady: boolean
  late: boolean
  best_if_low: string
  best_if_high: string
  tripwire: Tripwire | null
}
export interface Decision {
  id: string
  title: string
  utility: string
  unit: string
  minimise: boolean
  options: { name: string; utility: number; best_in: number }[]
  best_before: string
  best: string
  knowing_everything: number
  ranked: Advised[]
}
export interface WatchAnswer {
  draws: number
  failed: number
  seed: number
  as_of: string
  readings: string[]
  sound: number
  effective: number
  indicators: Indicator[]
  questions: WatchedQuestion[]
  decision?: Decision
  warnings: string[]
  decisions: { id: string; title: string; options: string[]; utility: string; unit: string; note: string }[]
  own_list: boolean
  focus?: { points: [number, number][]; means: [number, number][] }
  fan?: {
    series: string
    unit: string
    times: number[]
    before: Record<keyof Bands, (number | null)[]>
    after: Record<keyof Bands, (number | null)[]>
  }
}
