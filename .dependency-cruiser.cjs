/**
 * Which folder may import which. The arrows run one way; each rule says why.
 * test/house/boundaries.test.ts proves, rule by rule, that a violation is reported.
 */
const TEST_FILE = '[.]test[.]ts$';
const IO =
  '^(node:)?(fs|net|http|https|child_process|crypto|process|timers)(/|$)|node_modules/(postgres|pg|hono|@hono|@temporalio)/';
/** Files that are run, not imported. */
const ENTRY_POINTS = [
  // Programs of their own, that a test or another program starts.
  '-process[.]ts$',
  '^worker/(start|serve|migrate|ledger-command|describe-schema)[.]ts$',
  '^workflows/index[.]ts$',
  '^simulators/main[.]ts$',
  '^bench/.*main[.]ts$',
  '^test/[^/]+[.]ts$',
];

module.exports = {
  forbidden: [
    {
      name: 'rules-are-pure',
      severity: 'error',
      comment: 'rules/ holds policy only: it sees itself and zod, nothing else',
      from: { path: '^rules/', pathNot: TEST_FILE },
      to: { pathNot: '^rules/|node_modules/zod/' },
    },
    {
      name: 'rules-reach-no-io',
      severity: 'error',
      comment: 'not even by a detour: a rule has no clock, no network and no disk',
      from: { path: '^rules/', pathNot: TEST_FILE },
      to: { path: IO, reachable: true },
    },
    {
      name: 'rule-tests-see-rules-only',
      severity: 'error',
      comment: 'a rule is tested with facts alone; whoever needs more tests something else',
      from: { path: `^rules/.*${TEST_FILE}` },
      to: { path: '^(workflows|activities|api|worker|simulators|console|bench)/' },
    },
    {
      name: 'workflows-see-activity-types-only',
      severity: 'error',
      comment:
        'workflow code runs in a sandbox and is replayed: it may name an activity, not run it',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-see-rule-states-and-types-only',
      severity: 'error',
      comment: 'rules run in local activities, so a changed rule never breaks a replay',
      from: { path: '^workflows/' },
      to: {
        path: '^rules/',
        pathNot: '^rules/[^/]+/states[.]ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-not-to-edges',
      severity: 'error',
      comment: 'a process does not know who asks for it or where it runs',
      from: { path: '^workflows/' },
      to: { path: '^(api|worker|console|bench)/' },
    },
    {
      name: 'activities-not-to-workflows-or-edges',
      severity: 'error',
      comment: 'what touches the world is told what to do; it does not know which process asks',
      from: { path: '^activities/' },
      to: { path: '^(workflows|api|worker|console|bench)/' },
    },
    {
      name: 'api-sees-workflow-types-only',
      severity: 'error',
      comment: 'the API speaks to a process through its message contract, never through its code',
      from: { path: '^api/' },
      to: {
        path: '^workflows/',
        pathNot: ['^workflows/messages[.]ts$', '^workflows/[^/]+/messages[.]ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'api-sees-only-ledger-reads-and-intake',
      severity: 'error',
      comment: 'a caller may assert facts and read; every other effect belongs to a process',
      from: { path: '^api/' },
      to: {
        path: '^activities/',
        pathNot: '^activities/(ledger/(read|intake)/|failures[.]ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'api-not-to-worker',
      severity: 'error',
      comment: 'the worker composes the API, not the other way round',
      from: { path: '^api/' },
      to: { path: '^(worker|console)/' },
    },
    {
      name: 'simulators-stand-alone',
      severity: 'error',
      comment: 'a simulator that shares our code would share our mistakes',
      from: { path: '^simulators/' },
      to: { path: '^(rules|workflows|activities|api|worker|console|test|bench)/' },
    },
    {
      name: 'providers-are-reached-over-http',
      severity: 'error',
      comment: 'a simulator stands where a real provider will stand: on the other side of a socket',
      from: { path: '^(rules|workflows|activities|api|console)/' },
      to: { path: '^simulators/' },
    },
    {
      name: 'nothing-imports-bench',
      severity: 'error',
      comment: 'measurements look at the product; only their own tests look at them',
      from: { pathNot: '^(bench|test)/' },
      to: { path: '^bench/' },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      comment: 'the product does not depend on its tests',
      // The runner's configuration refers to test/ by name; it is not part of the product.
      from: { pathNot: '^(test/|vitest[.]config[.]ts$)' },
      to: { path: '^test/' },
    },
    {
      name: 'product-needs-no-dev-dependency',
      severity: 'error',
      comment: 'the image is installed without development packages',
      from: {
        path: '^(rules|workflows|activities|api|worker|simulators)/',
        pathNot: TEST_FILE,
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      comment: 'a package that package.json does not name is there by accident',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'an import that resolves to nothing cannot be judged',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'what goes round cannot be read from top to bottom',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'a module that imports nothing and is imported by nothing is dead',
      from: { orphan: true, pathNot: [TEST_FILE, '[.]d[.]ts$', ...ENTRY_POINTS] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
