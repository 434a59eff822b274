// A weak network loses each file that a page loads during the call. In either browser the part
// comes by itself. The customer's camera turns its frames by a mark on each, as an iPhone's does.

import assert from "node:assert/strict";
import { Board, SENT, keeps, kept } from "./board.mjs";
import { LARGE } from "./cards.mjs";
import { losesLaterFiles, namesOf } from "./lost.mjs";
import { moves } from "./senses.mjs";
import { story } from "./stage.mjs";

const LOST_MS = 6_000;
const COMES_MS = 30_000;

story(
	"every file of a later part is lost for six seconds; a picture is drawn on and sent all the same",
	async (stage) => {
		const world = await stage.world();
		const [agent, customer] = await Promise.all([
			stage.agent(world, { browser: "firefox" }),
			stage.customer(world, { camera: "landmarks", dpr: 1, script: holdsPhoneUpright }),
		]);
		const lost = { agent: await losesLaterFiles(agent, LOST_MS), customer: await losesLaterFiles(customer, LOST_MS) };
		await agent.invites();
		await customer.opens((await world.last_sms()).link);
		await customer.joins();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		await moves(agent.remote);
		const [wide, high] = await agent.remote.evaluate((video) => [video.videoWidth, video.videoHeight]);
		assert.ok(high > wide, `the picture stands upright: ${wide}x${high}`);

		await agent.button("Take screenshot").click();
		const boards = [new Board(agent), new Board(customer)];
		await Promise.all(boards.map((board) => board.isSharp(COMES_MS)));
		await agent.button("Send annotation").click();
		await keeps(world, 2);
		const { width, height } = await kept(world, customer, SENT);
		assert.deepEqual([width, height], [LARGE.height, LARGE.width], "upright, as large as the camera gives it");
		await Promise.all([agent.opensPicture(), customer.opensPicture()]);
		for (const who of ["agent", "customer"]) {
			const names = namesOf(lost[who]);
			for (const name of ["Board.js", "board.css", "live.js", "viewer.js", "composing.js"]) {
				assert.ok(names.includes(name), `${who}: ${name} was lost: ${names}`);
			}
		}
	},
);

/** Runs in the page: the camera's frames carry the mark that they are turned by a quarter. */
function holdsPhoneUpright() {
	if (navigator.mediaDevices === undefined) return;
	const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = async (constraints) => {
		const stream = await ask(constraints);
		for (const track of stream.getVideoTracks()) {
			const turned = new MediaStreamTrackGenerator({ kind: "video" });
			const turn = new TransformStream({
				transform(frame, to) {
					to.enqueue(new VideoFrame(frame, { rotation: 90 }));
					frame.close();
				},
			});
			new MediaStreamTrackProcessor({ track }).readable
				.pipeThrough(turn)
				.pipeTo(turned.writable)
				.catch(() => {});
			stream.removeTrack(track);
			stream.addTrack(turned);
		}
		return stream;
	};
}
