//! A small disk that is really full: the desk starts on it, reads, deletes, and lets calls talk.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sightline_wire::Object;

use crate::folder::{health, ill};
use crate::pictures::{PICTURE, shoot};
use crate::world::{World, start_call};

/// A disk in memory, mounted over a folder in a namespace of its own.
struct SmallDisk {
    holder: Child,
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts it. Returns `None` where that is not permitted.
    fn mount(at: &Path) -> Option<Self> {
        let script =
            "mount -t tmpfs -o size=3m,mode=700 disk \"$0\" && echo ready && exec sleep 600";
        let mut holder = Command::new("unshare")
            .args(["-rm", "sh", "-c", script])
            .arg(at)
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let _ = BufReader::new(holder.stdout.take()?).read_line(&mut line);
        if line.trim() != "ready" {
            let _ = holder.kill();
            let _ = holder.wait();
            return None;
        }
        let at = at.to_owned();
        Some(Self { holder, at })
    }

    /// The same command, where the disk is.
    fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside
            .args(["--user", "--mount", "--preserve-credentials", "--target"])
            .arg(self.holder.id().to_string())
            .arg("--")
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    fn sh(&self, script: &str) -> bool {
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(&self.at);
        let status = self.inside(&command).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    fn fill(&self) {
        self.sh("cat /dev/zero > \"$0/fill\"");
    }

    fn free(&self) {
        assert!(self.sh("rm \"$0/fill\""));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_starts_on_a_full_disk_reads_deletes_and_goes_on() {
    let mut world = World::start();
    world.kill();
    let Some(disk) = SmallDisk::mount(world.folder()) else {
        println!("not shown here: namespaces are not to be had");
        return;
    };
    world.restart_by(disk.inside(&world.command()));
    let agent = world.sign_in_by(&world.ready.agent).await;
    let mut call = world.call_of(agent).await;
    call.customer_page.say("before").await.unwrap();
    let picture = shoot(&world, &mut call).await;
    assert_eq!(health(&world).await.0, 200);

    disk.fill();
    let (status, told) = health(&world).await;
    assert_eq!(status, 503);
    assert!(ill(&told).contains(&"space"), "{told:?}");
    assert!(!ill(&told).contains(&"relay"), "calls talk: {told:?}");
    let mut refused = 0;
    for _ in 0..200 {
        let invite = start_call("+4915112345678");
        let answer = world
            .post("/api/sessions", &call.agent.cookie, &invite)
            .await;
        refused += u32::from(answer.status == 503);
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "new sessions are refused");
    let said = world.said_with("No space left").await;
    assert_eq!(said.len(), 1, "one line a minute: {said:#?}");

    world.kill();
    world.restart_by(disk.inside(&world.command()));
    let (status, told) = health(&world).await;
    assert_eq!((status, ill(&told).contains(&"relay")), (503, false));
    call.agent_page.catch_up(call.customer_page.head()).await;
    let base = Object::Base { picture };
    let link = call.agent_page.link(base).await.unwrap();
    assert_eq!(world.get(world.path_of(&link)).await.body, PICTURE);
    call.agent_page.delete(picture).await.unwrap();
    assert!(call.agent_page.link(base).await.is_err(), "deleted");

    disk.free();
    assert_eq!(health(&world).await.0, 200, "healed");
    let done = call.customer_page.say("after").await.unwrap();
    call.agent_page.catch_up(done.head).await;
    assert_eq!(call.agent_page.lines(), ["before", "after"]);
    world.invite(&call.agent, "+4915112345678").await;
    let left = disk.sh("! ls -R \"$0\" | grep -E 'new$|key[.]'");
    assert!(left, "nothing half-written is left");
}

#[test]
fn a_new_desk_on_a_full_disk_says_so_and_leaves_nothing() {
    let mut world = World::start();
    world.kill();
    let Some(disk) = SmallDisk::mount(world.folder()) else {
        println!("not shown here: namespaces are not to be had");
        return;
    };
    disk.fill();
    let ended = disk.inside(&world.command()).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    assert!(disk.sh("[ \"$(ls -A \"$0\")\" = fill ]"), "nothing is left");
    disk.free();
    world.restart_by(disk.inside(&world.command()));
}
