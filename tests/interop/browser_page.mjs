// What runs in the browser: js-libp2p dials the node of the page's address over WebSocket, and tells the test what came of it.
import { createLibp2p } from 'libp2p'
import { webSockets } from '@libp2p/websockets'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'

const query = new URLSearchParams(window.location.search)
const address = multiaddr(query.get('address'))
const patience = () => ({ signal: AbortSignal.timeout(60_000) })
const expect = (condition, what) => { if (!condition) throw new Error(what) }

// What a stream brings, as it comes: take(n) waits for exactly n bytes, end() for the other side's end and counts what is left.
function incoming (stream) {
  let parts = []; let held = 0; let ended = false; let failure; let wake = () => {}
  stream.addEventListener('message', e => { const bytes = e.data.subarray().slice(); parts.push(bytes); held += bytes.length; wake() })
  stream.addEventListener('remoteCloseWrite', () => { ended = true; wake() })
  stream.addEventListener('close', e => { ended = true; failure = e.error; wake() })
  const changed = () => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came; ${held} bytes wait`)), 60_000)
    wake = () => { clearTimeout(timer); resolve() }
  })
  const all = () => { const whole = new Uint8Array(held); let at = 0; for (const part of parts) { whole.set(part, at); at += part.length } return whole }
  return {
    async take (count) {
      while (held < count) { expect(!ended, `the stream ended with ${held} of ${count} bytes: ${failure}`); await changed() }
      const whole = all(); parts = [whole.subarray(count)]; held -= count
      return whole.subarray(0, count)
    },
    async end () {
      while (!ended) await changed()
      expect(failure == null, `the stream failed: ${failure}`)
      return held
    }
  }
}
async function send (stream, bytes) {
  for (let at = 0; at < bytes.length; at += 65_536) if (!stream.send(bytes.subarray(at, at + 65_536))) await stream.onDrain(patience())
}

// Every ping of 32 bytes comes back as it went: 512 at a time, 2000 in all.
async function echo (connection) {
  const stream = await connection.newStream('/ipfs/ping/1.0.0', { ...patience(), maxOutboundStreams: 10 })
  const answers = incoming(stream)
  for (let round = 0; round < 125; round++) {
    const asked = crypto.getRandomValues(new Uint8Array(16 * 32))
    await send(stream, asked)
    const back = await answers.take(asked.length)
    expect(back.every((byte, i) => byte === asked[i]), `round ${round} came back changed`)
  }
  await stream.close(patience())
}

// libp2p's perf: sends `up` bytes, is sent `down`.
async function perf (connection, up, down) {
  const stream = await connection.newStream('/perf/1.0.0', { ...patience(), maxOutboundStreams: 200 })
  const answers = incoming(stream)
  const head = new Uint8Array(8)
  new DataView(head.buffer).setBigUint64(0, BigInt(down))
  await send(stream, head)
  await send(stream, new Uint8Array(up))
  await stream.close(patience())
  const came = await answers.end()
  expect(came === down, `${came} bytes came instead of ${down}`)
}

const checks = {
  'the browser connects, and the node proves its key': async node => {
    const connection = await node.dial(address, patience())
    expect(address.toString().endsWith(connection.remotePeer.toString()), `connected to ${connection.remotePeer}`)
    expect(connection.encryption === '/noise' && connection.multiplexer === '/yamux/1.0.0', `${connection.encryption} ${connection.multiplexer}`)
  },
  'ping over the open connection': async node => { for (let i = 0; i < 5; i++) await node.services.ping.ping(address, patience()) },
  'identify names the node and what it speaks': async node => {
    const said = await node.services.identify.identify(node.getConnections()[0], patience())
    expect(/^wherry\//.test(said.agentVersion) && said.protocols.includes('/ipfs/ping/1.0.0'), `${said.agentVersion} ${said.protocols}`)
  },
  'what is sent comes back': async node => echo(node.getConnections()[0]),
  'nothing to 4 MiB each way': async node => { for (const size of [0, 1, 65_535, 65_536, 1 << 20, 4 << 20]) await perf(node.getConnections()[0], size, size) },
  'a hundred streams at once': async node => { await Promise.all(Array.from({ length: 100 }, () => perf(node.getConnections()[0], 20_000, 30_000))) },
  'another key at the same address is refused': async node => {
    await node.hangUp(node.getConnections()[0].remotePeer, patience())
    const wrong = multiaddr(address.toString().replace(/p2p\/.*/, `p2p/${query.get('somebody')}`))
    const refused = await node.dial(wrong, patience()).then(() => false, () => true)
    expect(refused, 'the dial fails')
    await node.dial(address, patience())
    await node.services.ping.ping(address, patience())
  }
}

const tell = report => fetch('/report', { method: 'POST', body: JSON.stringify(report) })
async function main () {
  const node = await createLibp2p({
    transports: [webSockets()], connectionEncrypters: [noise()], streamMuxers: [yamux()], services: { identify: identify({ timeout: 60_000 }), ping: ping({ timeout: 60_000 }) },
    connectionManager: { dialTimeout: 60_000 },
    connectionGater: { denyDialMultiaddr: () => false }, // a browser's js-libp2p dials no loopback otherwise
    connectionMonitor: { enabled: false }
  })
  for (const [name, body] of Object.entries(checks)) {
    const error = await body(node).then(() => null, e => `${e.stack ?? e}`)
    await tell({ name, error })
  }
  await node.stop()
}
main().then(() => tell({ done: true }), e => tell({ done: true, error: `${e.stack ?? e}` }))
