// The real program from inside an interop test: runs it, keeps count of what passed.
// Every script is called with PATH_OF_WHERRY as its first argument.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { peer } from './harness.mjs'

const wherry = process.argv[2]
if (wherry == null) throw new Error('usage: SCRIPT PATH_OF_WHERRY')
const homes = mkdtempSync(join(tmpdir(), 'wherry-interop-'))
let homeNumber = 0
export const seed = byte => Buffer.alloc(32, byte).toString('hex')

// Where the program is started from now on; undefined: where we are.
let namespace
export const inNamespace = name => { namespace = name }
const newHome = () => join(homes, `h${++homeNumber}`)
function start (home, args, stderr) {
  const [program, ...words] = [...(namespace ? ['ip', 'netns', 'exec', namespace] : []), wherry, '--home', home, '--no-mdns', '--json', ...args]
  return spawn(program, words, { stdio: ['ignore', 'pipe', stderr] })
}

// Runs the program to its end, with a key of its own or that of `home`; its JSON lines and exit code.
export const run = (...args) => runAt(newHome(), ...args)
export function runAt (home, ...args) {
  return new Promise(resolve => {
    const child = start(home, args, 'pipe')
    const events = []; let stderr = ''
    createInterface({ input: child.stdout }).on('line', l => events.push(JSON.parse(l)))
    child.stderr.on('data', d => { stderr += d })
    child.on('close', code => resolve({ code, events, stderr }))
  })
}

// Starts a node; resolves with its ready event, a stop function and one that waits for an event (a past one too).
export const node = (...args) => service('node', ...args)
// The same of another command that runs until it is stopped.
export function service (...args) {
  const home = newHome()
  const child = start(home, args, 'inherit')
  const events = []; const waiters = new Set()
  const event = wanted => new Promise((resolve, reject) => {
    const old = events.find(wanted)
    if (old) return resolve(old)
    const timer = setTimeout(() => { waiters.delete(look); reject(new Error('no such event of wherry ' + args[0])) }, 30000)
    const look = e => { if (wanted(e)) { clearTimeout(timer); waiters.delete(look); resolve(e) } }
    waiters.add(look)
  })
  const ended = new Promise(resolve => child.on('close', resolve))
  const stop = () => { child.kill('SIGTERM'); return ended }
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', l => {
      const e = JSON.parse(l)
      events.push(e)
      for (const look of [...waiters]) look(e)
      if (e.event === 'ready') resolve({ ...e, stop, event, home, pid: child.pid, addr: re => e.listen.find(a => re.test(a)) })
    })
    child.on('close', code => reject(new Error(`wherry ${args[0]} ended with ${code} before it was ready`)))
  })
}

let failed = 0; let passed = 0
export async function check (name, body) {
  try {
    await body()
    passed++; console.log(`ok   ${name}`)
  } catch (e) {
    failed++; console.log(`FAIL ${name}: ${e.stack ?? e}`)
  }
}
export const expect = (condition, what) => { if (!condition) throw new Error(what) }
export async function withPeer (options, body) {
  const js = await peer(options)
  try { return await body(js) } finally { await js.quit() }
}
// Runs `body` with a wherry node, which must end with 0 afterwards.
export const withNode = (args, body) => withService(['node', ...args], body)
export async function withService (args, body, exit = 0) {
  const w = await service(...args)
  try { return await body(w) } finally { const code = await w.stop(); expect(code === exit, `it ends with ${code} on SIGTERM`) }
}
export function finish () {
  rmSync(homes, { recursive: true, force: true })
  if (passed + failed > 0) console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
