/** What is mutated, and the tests that must notice. One area is one run: small enough to be repeated after a change. */
export const AREAS = {
  statistics: {
    mutate: ['src/statistics/*.ts'],
    // Judge tests that measure while they are collected would make every mutant static, and each run all tests.
    tests: ['test/statistics/**/*.test.ts', 'test/evaluation/explain-page.test.ts'],
    // Simulations notice little that the others do not, and take nearly all of the time.
    without: ['test/statistics/simulation.test.ts'],
  },
  special: {
    mutate: ['src/statistics/special/*.ts'],
    tests: ['test/statistics/**/*.test.ts'],
    without: ['test/statistics/simulation.test.ts', 'test/statistics/properties.test.ts'],
  },
  judge: {
    mutate: ['src/judge/*.ts'],
    tests: ['test/judge/**/*.test.ts', 'test/evaluation/**/*.test.ts'],
  },
  tables: {
    mutate: [
      'src/judge/evidence/project*.ts',
      'src/judge/evidence/{divergence,set,table,root,scores,directions,library,libraries,tilt,cells}.ts',
    ],
    tests: ['test/judge/evidence/*.test.ts'],
  },
  detectors: {
    mutate: [
      'src/judge/evidence/{adaptive,carrying,decision,detector,family,judge-family,memory,reasons,recovery,replay}.ts',
      'src/judge/evidence/{rule-evidence,several,shares,state,step}.ts',
    ],
    tests: ['test/judge/evidence/*.test.ts'],
    without: [
      'test/judge/evidence/any-input.test.ts',
      'test/judge/evidence/boundary.test.ts',
      'test/judge/evidence/certificate.test.ts',
    ],
  },
  rollback: {
    mutate: ['src/rollback/{machine,transitions,scene,compare,memory,late,snapshot}.ts', 'src/rollback/gates/*.ts'],
    tests: ['test/rollback/**/*.test.ts'],
  },
};
