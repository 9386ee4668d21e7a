"""The scripts that activate a virtual environment in a shell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["scripts"]

# The variables for what was before are those of the venv module, so that another environment can take over.
_POSIX: Final = """\
# Activates this virtual environment in the shell that reads it: . bin/activate

deactivate () {
    if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
        PATH="$_OLD_VIRTUAL_PATH"
        export PATH
        unset _OLD_VIRTUAL_PATH
    fi
    if [ -n "${_OLD_VIRTUAL_PYTHONHOME+set}" ]; then
        PYTHONHOME="$_OLD_VIRTUAL_PYTHONHOME"
        export PYTHONHOME
        unset _OLD_VIRTUAL_PYTHONHOME
    fi
    if [ -n "${_OLD_VIRTUAL_PS1+set}" ]; then
        PS1="$_OLD_VIRTUAL_PS1"
        unset _OLD_VIRTUAL_PS1
    fi
    hash -r 2>/dev/null || true
    unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    if [ "${1:-}" != nondestructive ]; then
        unset -f deactivate
    fi
}

deactivate nondestructive

VIRTUAL_ENV=@DIRECTORY@
VIRTUAL_ENV_PROMPT=@NAME@
export VIRTUAL_ENV VIRTUAL_ENV_PROMPT

_OLD_VIRTUAL_PATH="${PATH-}"
PATH="$VIRTUAL_ENV/bin:${PATH-}"
export PATH

if [ -n "${PYTHONHOME+set}" ]; then
    _OLD_VIRTUAL_PYTHONHOME="$PYTHONHOME"
    unset PYTHONHOME
fi

if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT:-}" ] && [ -n "${PS1+set}" ]; then
    _OLD_VIRTUAL_PS1="$PS1"
    PS1="($VIRTUAL_ENV_PROMPT) $PS1"
fi

hash -r 2>/dev/null || true
"""
_CSH: Final = """\
# Activates this virtual environment in the C shell that reads it: source bin/activate.csh

alias deactivate '@DEACTIVATE@'

deactivate nondestructive

setenv VIRTUAL_ENV @DIRECTORY@
setenv VIRTUAL_ENV_PROMPT @NAME@

set _OLD_VIRTUAL_PATH="$PATH"
setenv PATH "${VIRTUAL_ENV}/bin:${PATH}"

if ($?prompt && ! $?VIRTUAL_ENV_DISABLE_PROMPT) then
    set _OLD_VIRTUAL_PROMPT="$prompt"
    set prompt="($VIRTUAL_ENV_PROMPT) $prompt"
endif

rehash
"""
# An alias is one line.
_DEACTIVATE: Final = "; ".join(
    (
        'test $?_OLD_VIRTUAL_PATH != 0 && setenv PATH "$_OLD_VIRTUAL_PATH" && unset _OLD_VIRTUAL_PATH',
        'test $?_OLD_VIRTUAL_PROMPT != 0 && set prompt="$_OLD_VIRTUAL_PROMPT" && unset _OLD_VIRTUAL_PROMPT',
        "unsetenv VIRTUAL_ENV",
        "unsetenv VIRTUAL_ENV_PROMPT",
        "rehash",
        r'test "\!:*" != nondestructive && unalias deactivate',
    )
)
_FISH: Final = """\
# Activates this virtual environment in the fish shell that reads it: source bin/activate.fish

function deactivate -d "Leave the virtual environment"
    if set -q _OLD_VIRTUAL_PATH
        set -gx PATH $_OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH
    end
    if set -q _OLD_VIRTUAL_PYTHONHOME
        set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_PYTHONHOME
    end
    if functions -q _old_fish_prompt
        functions -e fish_prompt
        functions -c _old_fish_prompt fish_prompt
        functions -e _old_fish_prompt
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    if test "$argv[1]" != nondestructive
        functions -e deactivate
    end
end

deactivate nondestructive

set -gx VIRTUAL_ENV @DIRECTORY@
set -gx VIRTUAL_ENV_PROMPT @NAME@

set -gx _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV/bin" $PATH

if set -q PYTHONHOME
    set -gx _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end

if functions -q fish_prompt; and not set -q VIRTUAL_ENV_DISABLE_PROMPT
    functions -c fish_prompt _old_fish_prompt
    function fish_prompt
        set -l last_status $status
        printf "(%s) " $VIRTUAL_ENV_PROMPT
        echo "exit $last_status" | source
        _old_fish_prompt
    end
end
"""


def scripts(environment: Path) -> dict[str, str]:
    """Return the text of each script, by its name in ``bin``, for the virtual environment in *environment*."""
    directory = str(environment)
    return {
        "activate": _filled(_POSIX, shlex.quote(directory), shlex.quote(environment.name)),
        "activate.csh": _filled(
            _CSH.replace("@DEACTIVATE@", _DEACTIVATE), _for_csh(directory), _for_csh(environment.name)
        ),
        "activate.fish": _filled(_FISH, _for_fish(directory), _for_fish(environment.name)),
    }


def _filled(text: str, directory: str, name: str) -> str:
    return text.replace("@DIRECTORY@", directory).replace("@NAME@", name)


def _for_csh(word: str) -> str:
    # An exclamation mark recalls a command even in quotes.
    return shlex.quote(word).replace("!", "\\!")


def _for_fish(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
