//! NVRTC, opened where the environment says it is.

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW, Symbol};
use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;

/// The compiler library, as far as a check of sources needs it.
pub(crate) struct Nvrtc {
    library: Library,
    /// Kept open: the compiler looks it up by name.
    _builtins: Option<Library>,
}

type Program = *mut c_void;

impl Nvrtc {
    /// Opens the library at a path, and the one of its built-in functions beside it.
    pub(crate) fn open(path: &Path) -> Result<Nvrtc, String> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let builtins = std::fs::read_dir(folder)
            .map_err(|e| format!("{}: {e}", folder.display()))?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .find(|p| p.to_string_lossy().contains("libnvrtc-builtins.so"));
        // SAFETY: these libraries run no code of consequence when they are opened.
        unsafe {
            let open = |path: &Path| {
                Library::open(Some(path), RTLD_NOW | RTLD_GLOBAL)
                    .map_err(|e| format!("{}: {e}", path.display()))
            };
            Ok(Nvrtc {
                _builtins: builtins.map(|p| open(&p)).transpose()?,
                library: open(path)?,
            })
        }
    }

    fn symbol<F: Copy>(&self, name: &str) -> F {
        // SAFETY: the callers name the types of NVRTC's header.
        let symbol: Symbol<F> =
            unsafe { self.library.get(name.as_bytes()) }.unwrap_or_else(|e| panic!("{name}: {e}"));
        *symbol
    }

    /// Compiles; the log, and whether it went well.
    pub(crate) fn compile(&self, source: &str, options: &[String]) -> (bool, String) {
        let create: unsafe extern "C" fn(
            *mut Program,
            *const c_char,
            *const c_char,
            c_int,
            *const c_void,
            *const c_void,
        ) -> c_int = self.symbol("nvrtcCreateProgram");
        let compile: unsafe extern "C" fn(Program, c_int, *const *const c_char) -> c_int =
            self.symbol("nvrtcCompileProgram");
        let log_size: unsafe extern "C" fn(Program, *mut usize) -> c_int =
            self.symbol("nvrtcGetProgramLogSize");
        let log: unsafe extern "C" fn(Program, *mut c_char) -> c_int =
            self.symbol("nvrtcGetProgramLog");
        let destroy: unsafe extern "C" fn(*mut Program) -> c_int =
            self.symbol("nvrtcDestroyProgram");
        let text = CString::new(source).expect("sources hold no zero");
        let options: Vec<CString> = options
            .iter()
            .map(|o| CString::new(o.as_str()).expect("options hold no zero"))
            .collect();
        let pointers: Vec<*const c_char> = options.iter().map(|o| o.as_ptr()).collect();
        let mut program: Program = std::ptr::null_mut();
        // SAFETY: the strings outlive the calls, and the log has the size that was asked for.
        unsafe {
            let none = std::ptr::null();
            assert_eq!(
                create(
                    &mut program,
                    text.as_ptr(),
                    c"program.cu".as_ptr(),
                    0,
                    none,
                    none
                ),
                0
            );
            let well = compile(program, pointers.len() as c_int, pointers.as_ptr()) == 0;
            let mut size = 0usize;
            assert_eq!(log_size(program, &mut size), 0);
            let mut bytes = vec![0u8; size];
            assert_eq!(log(program, bytes.as_mut_ptr().cast()), 0);
            destroy(&mut program);
            let text = String::from_utf8_lossy(&bytes);
            (well, text.trim_end_matches('\0').to_string())
        }
    }
}
