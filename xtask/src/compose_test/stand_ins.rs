//! Base images made of Debian's packages, under the names of those that cannot be pulled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use super::compose::compose_file;
use super::engine::Engine;
use crate::workspace::{command, output, root};
use crate::{setup, step, tools};

const DEBIAN: &str = "ese-stand-in/debian";
/// The release with the PostgreSQL and Java of the pinned images, and the release of Rust's image.
const STABLE: &str = "trixie";
const RUSTS: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";
/// The packages of Rust's image that our dependencies need.
const C_TOOLCHAIN: &str = "gcc,g++,make,pkg-config,libssl-dev,zlib1g-dev,perl";
/// The packages of a distroless image.
const RUNTIME_PACKAGES: [&str; 7] = ["libc6", "libgcc-s1", "libssl3", "libstdc++6", "tzdata", "base-files", "netbase"];
/// A stand-in and the beginning of the image name in docker-compose.yml that it gets.
const IMAGES: [(&str, &str); 5] = [
    ("mailpit", "axllent/mailpit:"),
    ("haproxy", "haproxy:"),
    ("postgres", "postgres:"),
    ("kafka", "apache/kafka:"),
    ("prometheus", "prom/prometheus:"),
];
/// The programs whose configuration may depend on the version, and their version flags.
const VERSIONS: [(&str, &str, &str); 3] = [
    ("haproxy:", "haproxy", "-v"),
    ("postgres:", "postgres", "--version"),
    ("prom/prometheus:", "prometheus", "--version"),
];

/// Makes the missing images.
pub(super) fn make(engine: &Engine, place: &Path) -> Result<()> {
    let dockerfile = fs::read_to_string(root().join("deploy/Dockerfile"))?;
    if !exists(engine, DEBIAN)? {
        let debian = debootstrap(place, "debian", STABLE, "ca-certificates")?;
        import(engine, &debian, DEBIAN, &[])?;
    }
    let rust = argument(&dockerfile, "RUST")?;
    if !exists(engine, &rust)? {
        let folder = rust_folder(place)?;
        let path = "/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let homes = "RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo";
        import(engine, &folder, &rust, &[&format!("ENV PATH={path} {homes}")])?;
    }
    let runtime = argument(&dockerfile, "RUNTIME")?;
    if !exists(engine, &runtime)? {
        let folder = runtime_folder(place)?;
        import(engine, &folder, &runtime, &["USER 65532", "ENV PATH=/usr/local/bin:/usr/bin:/bin"])?;
    }
    let context = context(place)?;
    for (target, prefix) in IMAGES {
        let name = image(prefix)?;
        if !exists(engine, &name)? {
            let mut build = engine.docker();
            build.args(["build", "--progress=plain", "--target", target, "--tag", &name]).arg(&context);
            step::quietly(&name, &mut build, &place.join("stand-ins.log"))?;
        }
    }
    for (prefix, program, ask) in VERSIONS {
        let name = image(prefix)?;
        let version = output(engine.docker().args(["run", "--rm", "--entrypoint", program, &name, ask]))?;
        println!("  {name} is replaced by {}", version.lines().next().unwrap_or_default());
    }
    Ok(())
}

fn exists(engine: &Engine, image: &str) -> Result<bool> {
    Ok(engine.docker().args(["image", "inspect", image]).output()?.status.success())
}

/// The default of an ARG of the Dockerfile.
fn argument(dockerfile: &str, name: &str) -> Result<String> {
    let prefix = format!("ARG {name}=");
    let value = dockerfile.lines().find_map(|line| line.strip_prefix(&prefix));
    value.map(str::to_owned).with_context(|| format!("deploy/Dockerfile has no `{prefix}…`"))
}

/// The whole name of the image in docker-compose.yml with this beginning.
fn image(prefix: &str) -> Result<String> {
    let text = fs::read_to_string(compose_file())?;
    let mut names = text.lines().filter_map(|line| line.trim().strip_prefix("image: "));
    let name = names.find(|name| name.starts_with(prefix));
    name.map(str::to_owned).with_context(|| format!("docker-compose.yml has no image {prefix}…"))
}

fn debootstrap(place: &Path, name: &str, release: &str, packages: &str) -> Result<PathBuf> {
    let folder = place.join(name);
    fs::remove_dir_all(&folder).ok();
    let include = format!("--include={packages}");
    let mut make = command("debootstrap");
    make.args(["--variant=minbase", &include, release]).arg(&folder).arg(MIRROR);
    step::quietly("debootstrap", &mut make, &place.join("debootstrap.log"))?;
    // A proxy that intercepts this machine's TLS intercepts that of containers as well.
    fs::copy("/etc/ssl/certs/ca-certificates.crt", folder.join("etc/ssl/certs/ca-certificates.crt"))?;
    Ok(folder)
}

/// Debian with a C compiler and this machine's own Rust, where Rust's image has its own.
fn rust_folder(place: &Path) -> Result<PathBuf> {
    let folder = debootstrap(place, "rust", RUSTS, &format!("ca-certificates,{C_TOOLCHAIN}"))?;
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    ensure!(
        Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown/lib").is_dir(),
        "the Rust in {sysroot} cannot build for wasm32, so it cannot stand in for Rust's image"
    );
    let rustup = output(command("sh").args(["-c", "command -v rustup"])).context("there is no rustup to copy")?;
    let toolchain = output(command("rustup").args(["show", "active-toolchain"]))?;
    let toolchain = toolchain.split(' ').next().unwrap_or_default();
    let script = format!(
        "set -e; bin=\"$1/usr/local/cargo/bin\"; home=\"$1/usr/local/rustup\"; mkdir -p \"$bin\" \"$home/toolchains\"
         cp -a \"$(dirname {rustup})\"/. \"$bin\"
         mkdir \"$home/toolchains/{toolchain}\"
         tar -C '{sysroot}' -c --exclude=./share . | tar -C \"$home/toolchains/{toolchain}\" -x
         printf 'version = \"12\"\\ndefault_toolchain = \"{toolchain}\"\\n' > \"$home/settings.toml\""
    );
    step::run(command("sh").args(["-c", &script, "sh"]).arg(&folder))?;
    Ok(folder)
}

/// The content of distroless/cc: the C library and its data, certificates, and a user without rights.
fn runtime_folder(place: &Path) -> Result<PathBuf> {
    let (folder, log) = (place.join("runtime"), place.join("stand-ins.log"));
    fs::remove_dir_all(&folder).ok();
    tools::unpack(&RUNTIME_PACKAGES, &folder, |command| step::quietly("apt-get", command, &log))?;
    fs::create_dir_all(folder.join("etc/ssl/certs"))?;
    fs::copy("/etc/ssl/certs/ca-certificates.crt", folder.join("etc/ssl/certs/ca-certificates.crt"))?;
    fs::write(folder.join("etc/passwd"), "root:x:0:0::/root:\nnonroot:x:65532:65532::/home/nonroot:\n")?;
    fs::write(folder.join("etc/group"), "root:x:0:\nnonroot:x:65532:\n")?;
    Ok(folder)
}

/// The build context of the stand-ins' Dockerfile: Kafka's jars, and Mailpit.
fn context(place: &Path) -> Result<PathBuf> {
    let context = place.join("context");
    fs::remove_dir_all(&context).ok();
    fs::create_dir_all(&context)?;
    setup::broker(&crate::broker::Broker::Apache)?;
    let mailpit = image("axllent/mailpit:")?;
    let mailpit = tools::mailpit(mailpit.rsplit(':').next().unwrap_or_default())?;
    let ours = root().join("xtask/src/compose_test/stand_ins");
    let jars = tools::apache_home()?.join("libs");
    step::run(command("cp").arg("-r").arg(ours.join(".")).arg(jars).arg(mailpit).arg(&context))?;
    Ok(context)
}

fn import(engine: &Engine, folder: &Path, name: &str, changes: &[&str]) -> Result<()> {
    println!("  {name}: from {}", folder.display());
    let mut tar = command("tar").arg("-C").arg(folder).args(["-c", "."]).stdout(Stdio::piped()).spawn()?;
    let mut import = engine.docker();
    import.arg("import");
    for change in changes {
        import.args(["--change", change]);
    }
    let content = tar.stdout.take().context("tar has no output")?;
    let imported = import.args(["-", name]).stdin(content).output()?;
    if !tar.wait()?.success() || !imported.status.success() {
        bail!("{name} was not imported: {}", String::from_utf8_lossy(&imported.stderr));
    }
    // The engine has a copy now, and the folder is large.
    Ok(fs::remove_dir_all(folder)?)
}
