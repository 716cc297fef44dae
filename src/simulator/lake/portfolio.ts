/** What the simulated lake holds for one model: whose applicants, how many, and how each version scores them. */
export interface LakeModel {
  readonly name: string;
  readonly endpoint: string;
  /** Folder under the lake, and the last part of the table's full name. */
  readonly payload: string;
  readonly training: string;
  readonly rowsPerDay: number;
  readonly applicants: Applicants;
  readonly versions: { readonly [version: string]: Scorecard };
}

/** Distribution of the applicants. Amounts are log-normal: a median and the standard deviation of the logarithm. */
export interface Applicants {
  readonly income: { readonly median: number; readonly spread: number };
  readonly debtRatio: { readonly median: number; readonly spread: number };
  readonly age: { readonly mean: number; readonly deviation: number };
  readonly monthsEmployed: { readonly median: number; readonly spread: number };
  /** Relative frequencies. */
  readonly purposes: { readonly [level: string]: number };
  readonly regions: { readonly [level: string]: number };
}

/** Weights of a logistic scorecard on standardised values; a missing value counts as an average one. */
export interface Scorecard {
  readonly intercept: number;
  readonly income: number;
  readonly debtRatio: number;
  readonly age: number;
  readonly monthsEmployed: number;
  readonly purposes: { readonly [level: string]: number };
}

const REGIONS = { north: 0.24, south: 0.27, east: 0.2, west: 0.25, islands: 0.038, overseas: 0.002 };

/** A lender's consumer credit: champion 6 and challenger 7, both sound on the applicants they were made for. */
const CREDIT: LakeModel = {
  name: 'credit_pd',
  endpoint: 'credit-pd',
  payload: 'credit_payload',
  training: 'credit_training',
  rowsPerDay: 5000,
  applicants: {
    income: { median: 42_000, spread: 0.45 },
    debtRatio: { median: 0.28, spread: 0.5 },
    age: { mean: 41, deviation: 12 },
    monthsEmployed: { median: 50, spread: 0.8 },
    purposes: {
      car: 0.31,
      home_improvement: 0.24,
      debt_consolidation: 0.22,
      medical: 0.12,
      education: 0.08,
      wedding: 0.02,
      boat: 0.008,
      legal_fees: 0.0015,
      pilgrimage: 0.0005,
    },
    regions: REGIONS,
  },
  versions: {
    '6': {
      intercept: -2.8,
      income: -0.7,
      debtRatio: 0.6,
      age: -0.3,
      monthsEmployed: -0.5,
      purposes: { debt_consolidation: 0.4, medical: 0.2, car: -0.1 },
    },
    '7': {
      intercept: -2.9,
      income: -0.75,
      debtRatio: 0.7,
      age: -0.2,
      monthsEmployed: -0.55,
      purposes: { debt_consolidation: 0.5, education: -0.2, boat: 0.3 },
    },
  },
};

/** The quiet twin: nothing ever happens to it. */
const MORTGAGE: LakeModel = {
  name: 'mortgage_pd',
  endpoint: 'mortgage-pd',
  payload: 'mortgage_payload',
  training: 'mortgage_training',
  rowsPerDay: 4900,
  applicants: {
    income: { median: 61_000, spread: 0.4 },
    debtRatio: { median: 0.35, spread: 0.4 },
    age: { mean: 39, deviation: 9 },
    monthsEmployed: { median: 72, spread: 0.7 },
    purposes: {
      purchase: 0.52,
      refinance: 0.31,
      renovation: 0.13,
      second_home: 0.032,
      land: 0.006,
      houseboat: 0.002,
    },
    regions: REGIONS,
  },
  versions: {
    '3': {
      intercept: -3.6,
      income: -0.8,
      debtRatio: 0.9,
      age: -0.1,
      monthsEmployed: -0.4,
      purposes: { second_home: 0.5, land: 0.6 },
    },
  },
};

export const PORTFOLIO: readonly LakeModel[] = [CREDIT, MORTGAGE];
