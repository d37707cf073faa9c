// A page in a headless Chromium, running js-libp2p, against a real wherry node over WebSocket on loopback, without and with TLS.
// Usage: node browser_interop.mjs PATH_OF_WHERRY
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { build } from 'esbuild'
import { check, expect, finish, withNode } from './wherry.mjs'

const somebody = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq'
const patience = 300_000 // milliseconds for everything that a page does, on a machine that is busy with other tests

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(name => spawnSync(name, ['--version']).status === 0)
if (browser == null) {
  console.error('skipped: there is no Chromium to open a page in')
  process.exit(77)
}

const bundle = await build({ entryPoints: ['browser_page.mjs'], bundle: true, format: 'esm', platform: 'browser', target: 'es2022', write: false, logLevel: 'warning' })
const script = bundle.outputFiles[0].contents

// Serves the page and hears what it has to say.
async function withServer (onReport, body) {
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let text = ''
      request.on('data', part => { text += part })
      request.on('end', () => { response.end(); onReport(JSON.parse(text)) })
    } else if (request.url === '/page.mjs') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>js-libp2p</title><script type="module" src="/page.mjs"></script>')
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  try { await body(`http://127.0.0.1:${server.address().port}/`) } finally { server.closeAllConnections(); server.close() }
}

// Opens `url` and waits for `done`; what the browser said comes with the error otherwise.
async function withPage (url, flags, done) {
  const profile = mkdtempSync(join(tmpdir(), 'wherry-browser-'))
  const child = spawn(browser, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`, ...flags, url], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  let said = ''
  child.stderr.on('data', d => { said = (said + d).slice(-4000) })
  const ended = new Promise(resolve => child.on('close', resolve))
  let timer
  const late = new Promise((resolve, reject) => { timer = setTimeout(() => reject(new Error('the page has not finished in time')), patience) })
  const early = ended.then(code => { throw new Error(`the browser ended with ${code}`) })
  early.catch(() => {}) // also when it has been told to
  try { await Promise.race([done, late, early]) } catch (e) { throw new Error(`${e.message}; it said: ${said}`) } finally {
    clearTimeout(timer)
    try { process.kill(-child.pid, 'SIGKILL') } catch {} // the group that it leads; gone already is as good
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

// The key of the certificate that is shown at `address`, as the browser's flag names it: what a person does who tells it to believe that one.
function certificateKey (address) {
  const [, , host, , port] = address.split('/')
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      const key = socket.getPeerX509Certificate().publicKey.export({ type: 'spki', format: 'der' })
      socket.destroy()
      resolve(createHash('sha256').update(key).digest('base64'))
    })
    socket.on('error', reject)
  })
}

// Every check of the page is a check of this test.
async function inBrowser (kind, listen) {
  const reports = []
  await check(`${kind}: the page runs to its end`, () => withNode(['--perf', '--listen', listen], async w => {
    const flags = listen.includes('/tls/') ? [`--ignore-certificate-errors-spki-list=${await certificateKey(w.listen[0])}`] : []
    let finished
    const done = new Promise((resolve, reject) => { finished = report => report.error == null ? resolve() : reject(new Error(report.error)) })
    await withServer(report => { if (report.done) finished(report); else reports.push(report) }, url =>
      withPage(`${url}?address=${encodeURIComponent(w.listen[0])}&somebody=${somebody}`, flags, done))
  }))
  for (const { name, error } of reports) await check(`${kind}: ${name}`, () => { if (error != null) throw new Error(error) })
  await check(`${kind}: the page has made every check`, () => expect(reports.length === 7, `${reports.length} of 7`))
}

await inBrowser('ip4, ws', '/ip4/127.0.0.1/tcp/0/ws')
await inBrowser('ip6, ws', '/ip6/::1/tcp/0/ws')
await inBrowser('ip4, wss', '/ip4/127.0.0.1/tcp/0/tls/ws')
finish()
