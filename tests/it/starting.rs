//! Starting and stopping: what is refused before anything runs, and what ends the server in order.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::world::{World, sightline};

/// Runs the binary to its end with these variables; returns exit code and standard error.
fn ends(variables: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String) {
    let output = output(variables, args);
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

fn output(variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = sightline();
    command.args(args).envs(variables.iter().copied());
    if args.first() == Some(&"serve") && !sightline_web::is_built() {
        command.arg("--no-pages");
    }
    command.stdin(Stdio::null()).output().unwrap()
}

/// A value that each flag refuses.
const REFUSED: &[(&str, &str)] = &[
    ("--listen", "8080"),
    ("--listen", "0.0.0.0:0"),
    ("--listen", "desk.example:80"),
    ("--media", "127.0.0.1"),
    ("--media", "224.0.0.1:0"),
    ("--media", "0.0.0.0:0"),
    ("--media", "192.0.2.1:0"),
    ("--media-tcp", "[ff02::1]:0"),
    ("--media-tcp", "[::]:0"),
    ("--announce", "255.255.255.255:1"),
    ("--announce-tcp", "239.1.2.3:1"),
    ("--lan", "2"),
    ("--public-url", "help.example.com"),
    ("--data", "/dev/null"),
    ("--business", "\u{7}"),
    ("--colour", "yellow"),
    ("--logo", "/dev/null"),
    ("--agent-name", "\u{7}"),
    ("--invite-minutes", "0"),
    ("--unheard-minutes", "1441"),
    ("--call-hours", "-1"),
    ("--sms-cool-down-s", "3601"),
    ("--sms-prefixes", "49"),
    ("--sms-refused", "landline"),
    ("--sms-agent-max", "many"),
    ("--sms-number-max", "many"),
    ("--sms-day-max", "many"),
    ("--log", "loud"),
    ("--log", "=====//"),
    ("--log", "sightline_hots=debug"),
];

#[test]
fn a_refused_value_is_named_by_its_flag_and_its_variable() {
    let mut world = World::start();
    world.kill();
    let data = world.folder().to_str().unwrap();
    for (flag, value) in REFUSED {
        let variable = flag.trim_start_matches("--").replace('-', "_");
        let variable = format!("SIGHTLINE_{}", variable.to_uppercase());
        // Later parts of the start must not fail first.
        let free = [
            ("SIGHTLINE_LISTEN", "127.0.0.1:0"),
            ("SIGHTLINE_MEDIA", "127.0.0.1:0"),
        ];
        let mut variables = free.to_vec();
        variables.push(("SIGHTLINE_DATA", data));
        let by_flag = ends(&variables, &["serve", &format!("{flag}={value}")]);
        variables.push((&variable, value));
        let by_variable = ends(&variables, &["serve"]);
        for (code, said) in [by_flag, by_variable] {
            assert!(
                matches!(code, Some(1 | 2)),
                "{flag} {value}: {code:?} {said}"
            );
            assert!(said.contains(flag), "{flag} {value}: {said}");
            assert!(
                said.contains(&format!("{flag} {variable}")),
                "{value}: {said}"
            );
        }
    }
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let names = REFUSED
        .iter()
        .map(|(flag, _)| flag.trim_start_matches("--"));
    let names = names.chain(["tls-cert", "tls-key", "sms-off", "log-json"]);
    let names = names.map(|name| format!("SIGHTLINE_{}", name.to_uppercase().replace('-', "_")));
    let names: Vec<_> = names.collect();
    for empty in ["", " "] {
        let variables: Vec<_> = names.iter().map(|name| (&**name, empty)).collect();
        // The last check of a start that is otherwise all right.
        let (code, said) = ends(
            &variables,
            &[
                "serve",
                "--data=/dev/null",
                "--listen=localhost:0",
                "--media=127.0.0.1:0",
            ],
        );
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("/dev/null"), "{said}");
    }
}

#[test]
fn a_second_start_says_where_the_first_is_reached() {
    let world = World::start();
    let (code, said) = ends(&[], &["serve", "--data", world.folder().to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains(&format!("is reached at {}", world.base())),
        "{said}"
    );
}

#[test]
fn a_sign_in_link_makes_no_folder() {
    let world = World::start();
    let data = world.folder().join("none");
    let (code, said) = ends(&[], &["sign-in-link", "--data", data.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(said.contains("start `sightline serve` first"), "{said}");
    assert!(!data.exists());
}

/// How many descriptors the sockets take depends on the addresses of the machine, so some of these
/// limits may do.
#[test]
fn without_media_the_server_is_not_ready() {
    let mut world = World::start();
    world.kill();
    let mut refused = 0;
    for open_files in 10..26 {
        let mut command = Command::new("prlimit");
        command.arg(format!("--nofile={open_files}:{open_files}"));
        let server = world.command();
        command.arg(server.get_program()).args(server.get_args());
        command.stdin(Stdio::null());
        let Ok(mut process) = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
        else {
            println!("not shown here: `prlimit` is not to be had");
            return;
        };
        let began = Instant::now();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        assert!(began.elapsed() < Duration::from_secs(15));
        if !ready.is_empty() {
            process.kill().unwrap();
        }
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if !ready.is_empty() {
            assert!(!said.contains("media"), "{open_files} files: {said}");
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{open_files} files: {said}");
        assert!(
            said.contains("Too many open files"),
            "{open_files} files: {said}"
        );
        refused += 1;
    }
    assert!(refused > 5, "{refused}");
}

#[test]
fn a_closed_terminal_stops_the_server_in_order_unless_it_runs_under_nohup() {
    for (prefix, stops) in [("", true), ("trap '' HUP; ", false)] {
        let mut world = World::start();
        world.kill();
        let server = world.command();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{prefix}exec \"$0\" \"$@\"")]);
        command.arg(server.get_program()).args(server.get_args());
        world.restart_by(command);
        world.signal("HUP");
        let ended = world.ended(Duration::from_millis(if stops { 2_000 } else { 500 }));
        let code = ended.map(|status| status.code());
        assert_eq!(code, stops.then_some(Some(0)), "{prefix}");
    }
}
