// AutoNAT as js-libp2p puts it on the wire, against a node that dials back, over QUIC on loopback. Nothing is dialled:
// these addresses are private, or nobody pays for them. Dials that happen are in tests/sim.
// Usage: node autonat_interop.mjs PATH_OF_WHERRY
import { check, expect, finish, withNode, withPeer } from './wherry.mjs'

const listen = '/ip4/127.0.0.1/udp/0/quic-v1'
const v1 = '/libp2p/autonat/1.0.0'
const v2 = '/libp2p/autonat/2/dial-request'
const loopback = '047f00000191020fa1cd03' // /ip4/127.0.0.1/udp/4001/quic-v1
const elsewhere = '042c01000191020fa1cd03' // /ip4/44.1.0.1/udp/4001/quic-v1

const size = hex => { const n = hex.length / 2; return n < 128 ? n.toString(16).padStart(2, '0') : ((n & 127) | 128).toString(16) + (n >> 7).toString(16).padStart(2, '0') }
const field = (tag, hex) => tag + size(hex) + hex
const framed = hex => size(hex) + hex
const peerIdHex = js => { const key = js.info.publicKeyHex; return key.length === 64 ? '002408011220' + key : '0024' + key }
const dial1 = (js, address) => framed('0800' + field('12', field('0a', field('0a', peerIdHex(js)) + field('12', address))))
const dial2 = address => framed(field('0a', field('0a', address) + '110807060504030201'))

const asked = (args, body) => withNode([...args, '--listen', listen], w => withPeer({ listen: [], transports: ['quic'] }, async js => {
  await js.call('dial', { addr: w.addr(/127/) })
  await body(w, js)
  await js.call('ping', { peer: w.peerId }) // whatever was asked, the connection lives on
}))

await check('a node tells that it dials back only when it was told to', async () => {
  await asked(['--dial-back'], async (w, js) => {
    const { protocols } = await js.call('identify', { peer: w.peerId })
    expect([v1, v2, '/libp2p/autonat/2/dial-back'].every(id => protocols.includes(id)), `protocols ${protocols}`)
  })
  await asked([], async (w, js) => {
    const { protocols } = await js.call('identify', { peer: w.peerId })
    expect(!protocols.includes(v1) && !protocols.includes(v2), `protocols ${protocols}`)
    expect(protocols.includes('/libp2p/autonat/2/dial-back'), 'it can be dialled back itself')
  })
})
await check('version 1: a private address is refused by status 101', () => asked(['--dial-back'], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: v1, dataHex: dial1(js, loopback) })
  expect(/^..08011a..0865/.test(r.data), `answer ${r.data}`)
}))
await check('version 1: another host than the asker is refused by status 101', () => asked(['--dial-back'], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: v1, dataHex: dial1(js, elsewhere) })
  expect(/^..08011a..0865/.test(r.data), `answer ${r.data}`)
}))
await check('version 2: a private address is refused by status 101', () => asked(['--dial-back'], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: v2, dataHex: dial2(loopback) })
  expect(r.data === '0412020865', `answer ${r.data}`)
}))
await check('version 2: another host than the asker costs 30 to 100 kB', () => asked(['--dial-back'], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: v2, dataHex: dial2(elsewhere), close: false, max: 7 })
  const bytes = Buffer.from(r.data, 'hex')
  expect(bytes.subarray(0, 4).toString('hex') === '061a0410', `answer ${r.data}`)
  const wanted = (bytes[4] & 127) | (bytes[5] & 127) << 7 | bytes[6] << 14
  expect(wanted >= 30_000 && wanted <= 100_000, `${wanted} bytes`)
}))
await check('version 2: garbage ends the stream and not the connection', () => asked(['--dial-back'], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: v2, dataHex: framed('ffffffff') })
  expect(r.bytes === 0, `answer ${r.data}`)
}))
await check('a nonce that nobody waits for ends the stream and not the connection', () => asked([], async (w, js) => {
  const r = await js.call('raw', { peer: w.peerId, protocol: '/libp2p/autonat/2/dial-back', dataHex: framed('090807060504030201') })
  expect(r.bytes === 0, `answer ${r.data}`)
}))
await check('js pushes what it is, signed, when its protocols change', () => asked([], async (w, js) => {
  await js.call('handle', { protocol: '/new/1' })
  await js.call('identifyPush', {})
}))
finish()
