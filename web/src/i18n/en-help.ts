// The English texts of the screens around a call: a trouble, an unusable link, the end
// (`customer/help.tsx`). They load with those screens, so that the first page stays small.

import { teach } from "./index";

export const help = {
	in_app: "Please open this page in {browser}",
	in_app_more: "You are inside another app, which does not let web pages use the camera.",
	in_app_steps: "Copy the link.\nOpen {browser}.\nPaste the link into the address bar.",
	in_app_again: "Go back to your text messages and open the link in {browser}.",
	in_app_stay: "Continue here anyway",
	copy_link: "Copy link",
	copied: "Copied",

	no_cookies: "This browser blocks cookies",
	no_cookies_more: "The call needs one cookie. It keeps your place in the call and nothing else.",
	no_cookies_steps:
		"Open your browser’s settings and look for “Cookies”.\nAllow cookies for this page, or leave the private window.\nCome back here and tap “Try again”.",

	trust: "This phone must trust the computer first",
	trust_more:
		"An iPhone opens the call only if it trusts the certificate of the computer that you test with. That certificate is of no use for websites.",
	trust_get: "Get the certificate",
	trust_steps:
		"Tap “Get the certificate” and allow the download.\nOpen the Settings app, tap “Profile Downloaded”, then “Install”.\nOpen General, About, Certificate Trust Settings and turn on “Sightline test calls”.\nCome back here and tap “Try again”.",
	trust_undo:
		"To take the trust away: Settings, General, VPN & Device Management, “Sightline test calls”, “Remove Profile”.",

	join_without_camera: "Join without camera",
	join_without_camera_more: "In the call you can choose a picture or take a photo instead.",
	trouble_busy: "The camera is in use",
	trouble_no_answer: "Waiting for your answer",
	denied_chrome_android:
		"Tap the icon to the left of the address at the top.\nTap “Permissions” and allow the camera and the microphone.\nCome back here and tap “Try again”.",
	denied_samsung:
		"Tap the lock beside the address.\nTap “Permissions” and allow the camera and the microphone.\nCome back here and tap “Try again”.",
	denied_firefox_android:
		"Tap the lock beside the address.\nTap “Blocked” beside camera and microphone, so that it says “Allowed”.\nTap “Try again”.",
	denied_safari_ios:
		"Tap the page icon in the address bar, then “…” and “Website Settings”.\nSet camera and microphone to “Allow”.\nIf it is not there: open Settings, Apps, Safari, Camera, and choose “Ask”.\nTap “Try again”.",
	denied_other_ios:
		"Open Settings and find this browser in the list of apps.\nTurn on camera and microphone.\nCome back here and tap “Try again”.",
	denied_safari_mac:
		"Open the menu Safari, then “Settings for This Website”.\nSet camera and microphone to “Allow”.\nClick “Try again”.",
	denied_firefox:
		"Click the crossed-out camera beside the address.\nRemove the block with the “×”.\nClick “Try again” and choose “Allow”.",
	denied_desktop: "Click the icon to the left of the address.\nTurn on camera and microphone.\nClick “Try again”.",
	absent_steps:
		"Connect a camera, if this is a computer.\nOr open the link from the text message on a phone.\nThen try again.",
	busy_steps:
		"Close other apps that use the camera, such as a video call or the camera app.\nEnd any video call on your phone.\nThen try again.",
	no_answer_steps:
		"Look for a question at the top or the bottom of the screen and tap “Allow”.\nIf there is none, try again.",
	unsupported_steps: "Open the link from the text message in {browser}.\nUpdate the browser if it is an old one.",

	code_title: "Enter the code",
	code_more: "The person who invites you can tell you the code. It has 8 letters and digits.",
	code: "Code",
	code_go: "Continue",
	code_malformed: "This is not a code. A code has 8 letters and digits, and never 0, O, 1, I or L.",
	code_unknown:
		"This code does not work. Please compare it, or ask for the code again: it works only until somebody has joined.",
	code_paused: "Too many wrong codes were typed. Please try again in an hour. The link in the text message works now.",

	link_unknown: "This link is not valid",
	link_unknown_more:
		"Please check that the whole link was opened, or tap it again in the text message. If that does not help, ask for a new one.",
	link_expired_more: "An invitation works for a limited time. Please ask for a new one.",
	link_cancelled_more: "It does not work any more. If you still need help, please get in touch again.",
	link_ended: "This call has ended",
	link_ended_more: "The link works for one call only. If you need more help, please get in touch again.",
	link_renewed: "This link was renewed",
	link_renewed_more:
		"{agent} made a new link, and this one does not work any more. The camera and the microphone are off here. If the new link is meant for you, please ask for it.",
	moved: "The call moved to another device",
	moved_more: "You can close this page. The camera and the microphone are off here.",
	moved_back: "Use this device instead",
	version: "Please reload the page",
	version_more: "There is a newer version of this page.",
	reload: "Reload",
	close_page: "You can close this page.",
	devices_off: "Your camera and microphone are off.",
	ended_agent_ended: "{agent} ended the call.",
	ended_customer_ended: "{customer} ended the call.",
	ended_you: "You ended the call.",
	ended_invite_cancelled: "The invitation was cancelled.",
	ended_invite_expired: "The invitation expired before anyone joined.",
	ended_nobody_heard: "Both sides were away for too long.",
	ended_too_long: "The call reached its maximum length.",
	ended_length: "It lasted {time}.",
	call_ended: "Call ended",
	held: "Pictures of this call",
	held_more: "You can save them until you close this page.",
	held_picture: "Picture {n}",
	held_save: "Save",
	rate_how: "How was the call?",
	rate_stars: "{n, plural, one {# star} other {# stars}}",
	rate_comment: "Comment",
	rate_send: "Send rating",
	rate_missing: "Please choose 1 to 5 stars.",
	rate_thanks: "Thank you for your rating.",
	rate_change: "Change rating",
	rate_over: "The time to rate this call is over.",
};

teach(help);
