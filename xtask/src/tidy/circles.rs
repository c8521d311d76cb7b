//! Finds modules that import each other in a circle, by a scan of the text.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A module's path below the root of its crate; empty for the root.
type Module = Vec<String>;

/// The modules of one crate: each with its file and the text that counts.
type Modules<'a> = BTreeMap<Module, (&'a str, String)>;

/// One sentence for each circle among these files, given by name and text.
pub(super) fn circles(files: &[(String, String)]) -> Vec<String> {
    let folders = files.iter().filter_map(|(name, _)| name.strip_suffix("/lib.rs").or(name.strip_suffix("/main.rs")));
    let roots: BTreeSet<&str> = folders.collect();
    roots.iter().flat_map(|root| circles_below(root, &roots, files)).collect()
}

fn circles_below(root: &str, roots: &BTreeSet<&str>, files: &[(String, String)]) -> BTreeSet<String> {
    let mut modules = Modules::new();
    for (name, text) in files {
        let nearest = roots.iter().filter(|root| name.starts_with(&format!("{root}/"))).max_by_key(|root| root.len());
        let path = name.strip_suffix(".rs").and_then(|name| name.strip_prefix(root)?.strip_prefix('/'));
        let Some(path) = path.filter(|_| nearest == Some(&root)) else { continue };
        let module =
            if path == "lib" || path == "main" { vec![] } else { path.split('/').map(str::to_owned).collect() };
        // A library's main.rs uses it by its name, like any other program.
        if path != "main" || !modules.contains_key(&module) {
            modules.insert(module, (name, code(text)));
        }
    }
    let edges: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.iter().map(|(module, (_, code))| (module, imports(module, code, &modules))).collect();
    let file = |module: &Module| modules.get(module).map_or("", |(file, _)| *file);
    let sentence = |mut circle: Vec<&Module>| {
        let first = circle.iter().enumerate().min_by_key(|(_, module)| **module).map_or(0, |(index, _)| index);
        circle.rotate_left(first);
        circle.extend(circle.first().copied());
        let names: Vec<&str> = circle.into_iter().map(file).collect();
        format!("these modules import each other, move what they share into a file of its own: {}", names.join(" → "))
    };
    modules.keys().filter_map(|module| shortest_circle(module, &edges)).map(sentence).collect()
}

/// The text without strings, without comments and without the tests at its end.
fn code(text: &str) -> String {
    // Tests in the file itself end it; a line `mod tests;` does not.
    let is_head = |place: &usize| text[*place..].lines().nth(2).is_some_and(|line| line.ends_with("mod tests {"));
    let tests = text.match_indices("\n#[cfg(test)]\n").map(|(place, _)| place).find(is_head);
    let text = &text[..tests.unwrap_or(text.len())];
    let code = |line: &str| {
        let without_strings: String = line.split('"').step_by(2).collect();
        let code = without_strings.split("//").next().unwrap_or_default();
        // The declaration of a module is no use of a re-export with the same name.
        let declares = code.split_whitespace().nth_back(1) == Some("mod");
        (if declares { "" } else { code }).to_owned() + "\n"
    };
    text.lines().map(code).collect()
}

/// The modules that `code`, the text of `module`, names. A re-export of a child counts only if the text uses it.
fn imports<'a>(module: &Module, code: &str, modules: &'a Modules<'_>) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut body = String::new();
    let mut exported = Vec::new();
    for statement in code.split_inclusive(';') {
        let used = statement.rsplit_once("use ").filter(|(before, tree)| {
            let before = before.rsplit('\n').next().unwrap_or_default().trim();
            (before.is_empty() || before.starts_with("pub")) && tree.ends_with(';')
        });
        let Some((before, tree)) = used else {
            body += statement;
            continue;
        };
        body += before;
        for path in leaves(tree.trim_end_matches(';')) {
            let Some(target) = resolve(module, &path, modules) else { continue };
            if before.trim_end().rsplit('\n').next().is_some_and(|line| line.trim().starts_with("pub"))
                && target.starts_with(module)
            {
                exported.push((path, target));
            } else {
                found.insert(target);
            }
        }
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: BTreeSet<&str> = body.split(|c: char| !is_word(c)).collect();
    let used = |path: &[String]| path.last().is_some_and(|name| words.contains(name.as_str()));
    found.extend(exported.into_iter().filter(|(path, _)| used(path)).map(|(_, target)| target));
    for path in body.split(|c: char| !is_word(c) && c != ':').filter(|path| path.contains("::")) {
        let path: Vec<String> = path.trim_end_matches(':').split("::").map(str::to_owned).collect();
        found.extend(resolve(module, &path, modules));
    }
    found.remove(module);
    found
}

/// The paths of a `use` tree.
fn leaves(tree: &str) -> Vec<Vec<String>> {
    let Some((stem, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|segment| segment.trim().to_owned()).collect()];
    };
    let stem: Vec<String> =
        stem.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let group = group.trim_end().trim_end_matches('}');
    let mut depth = 0;
    let entries = group.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0 && c == ','
    });
    let paths = entries.filter(|entry| !entry.trim().is_empty()).flat_map(leaves);
    paths.map(|path| [stem.clone(), path].concat()).collect()
}

/// The module that a path in `module` leads to, if it is one of this crate.
fn resolve<'a>(module: &Module, path: &[String], modules: &'a Modules<'_>) -> Option<&'a Module> {
    let (mut at, mut rest) = (module.clone(), path);
    while let Some((first, others)) = rest.split_first() {
        match first.as_str() {
            "crate" => at.clear(),
            "self" => (),
            "super" => drop(at.pop()?),
            _ => break,
        }
        rest = others;
    }
    for name in rest {
        let child = [at.clone(), vec![name.clone()]].concat();
        if !modules.contains_key(&child) {
            break;
        }
        at = child;
    }
    let (target, _) = modules.get_key_value(&at)?;
    Some(target)
}

/// The shortest way from a module back to itself.
fn shortest_circle<'a>(start: &Module, edges: &BTreeMap<&'a Module, BTreeSet<&'a Module>>) -> Option<Vec<&'a Module>> {
    let (start, _) = edges.get_key_value(start)?;
    let mut ways = VecDeque::from([vec![*start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in edges.get(way.last()?)? {
            if next == start {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back([way.clone(), vec![*next]].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
