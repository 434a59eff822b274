// English, and the list of keys every other language must have: what the customer reads, and what
// both pages share.

export const en = {
	// Shared by both pages
	you: "You",
	cancel: "Cancel",
	close: "Close",
	dismiss: "Dismiss",
	try_again: "Try again",
	loading: "One moment…",
	loading_long: "This is taking longer than usual. Please check that you are online.",
	microphone: "Microphone",
	camera: "Camera",
	microphone_level: "Microphone level",
	own_picture: "Your picture",

	reconnecting_socket: "Your connection was interrupted. It comes back by itself.",
	socket_blocked:
		"This network blocks the connection. Please use another one, such as mobile data, or turn off the VPN. The call then goes on by itself.",

	chat: "Chat",
	chat_unread: "Unread messages: {n}",

	send_uploading: "Sending the picture…",

	picture: "Picture",

	refusal_busy: "Too much is going on right now. Please try again.",
	refusal_trouble: "Something went wrong on our side. Please try again.",
	refusal_too_often: "That was too fast. Please wait a moment and try again.",
	refusal_too_soon: "Please wait {s} s and try again.",
	refusal_limit_reached: "This call has reached its limit.",
	refusal_too_long: "That text is too long.",
	refusal_call_ended: "The call is over.",
	refusal_camera_off: "The camera is off.",
	refusal_board_closed: "This picture is closed already.",
	refusal_no_picture: "This picture was deleted.",
	refusal_not_uploaded: "The picture is not ready yet. Please wait a moment and try again.",
	refusal_bad_picture: "The picture could not be used. Please take another one.",
	refusal_name_taken: "This name belongs to the other side. Please enter your own.",
	refusal_already_joined: "The customer is in the call already.",
	refusal_other: "That was not possible.",
	network: "No connection. Please check your network and try again.",
	device_failed: "The device could not be started. Another app may be using it.",

	// The customer's page
	title: "Video call with {business}",
	invites: "{agent} invites you",
	invites_from: "from {business}",
	your_name: "Your name",
	guest: "Guest",
	show_camera: "Show my camera",
	video_only: "Video only (I am on the phone)",
	video_only_more: "You keep talking on the telephone. The page uses no microphone and plays no sound.",
	join: "Join",
	joining: "Joining…",
	move_here: "Move the call here",
	link_expired: "This link has expired",
	link_cancelled: "This invitation was cancelled",
	move_more: "This call is open on another device or in another tab.",
	shared: "{agent} sees what your camera shows and hears you until you end the call.",
	shared_video_only: "{agent} sees what your camera shows until you end the call.",
	kept: "This call is not recorded. Pictures, chat and notes are kept for {days}.",
	kept_apart: "This call is not recorded. Pictures are kept for {pictures}, chat and notes for {notes}.",
	may_locate: "Your location is sent only if you allow it in the call.",
	preview: "Camera preview",
	preview_hint: "Your camera stays off until you turn it on.",
	ask_camera: "Your browser asks for the camera. Please tap “Allow”.",
	ask_microphone: "Your browser asks for the microphone. Please tap “Allow”.",
	microphone_trouble: "The microphone is not available. You can join without it and use the chat.",
	microphone_denied: "The microphone is blocked",
	microphone_absent: "No microphone was found",

	link_offline: "No connection",
	link_offline_more: "The page could not be reached. Please check that you are online.",

	trouble_denied: "The camera is blocked",
	trouble_absent: "No camera was found",
	trouble_unsupported: "This browser cannot use the camera",
};
