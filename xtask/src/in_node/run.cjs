// Runs the tests in ./tests.js, a program for wasm32 that wasm-bindgen made callable from node. The names are those of
// the crate wasm-bindgen-test, which counts, captures and prints.
const filter = process.argv[2] ?? '';

// What tests print is handed to the crate, which shows it beside a failure. The functions must be in place before the
// program is loaded, and the crate writes its own lines by the original ones.
let captured = {};
for (const method of ['debug', 'log', 'info', 'warn', 'error']) {
  global[`__wbgtest_og_console_${method}`] = console[method];
  console[method] = (...words) => captured[method]?.(words);
}
global.__wbg_test_invoke = (test) => test();

async function main() {
  const program = require('./tests.js');
  // A test is exported as `__wbgt__CRATE::MODULE::NAME`, with a `$` after the first `__wbgt_` if it is to be ignored.
  const all = Object.keys(program.__wasm).filter((name) => name.startsWith('__wbgt_'));
  const tests = all.filter((name) => name.slice(name.indexOf('::') + 2).includes(filter));
  if (tests.length === 0) {
    // Without a test, the crate is not in the program either.
    global.__wbgtest_og_console_log(`test result: ok. 0 passed; 0 failed; ${all.length} filtered out`);
    return true;
  }
  const context = new program.WasmBindgenTestContext(false);
  for (const method of ['debug', 'log', 'info', 'warn', 'error']) {
    captured[method] = program[`__wbgtest_console_${method}`];
  }
  context.filtered_count(all.length - tests.length);
  return await context.run(tests.map((name) => program.__wasm[name]));
}

main()
  .catch((error) => global.__wbgtest_og_console_error(error))
  .then((passed) => process.exit(passed === true ? 0 : 1));
