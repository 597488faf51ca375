namespace ChineseClip.Model.Packages;

/// <summary>Fills a directory beside its final place and moves it there in one step.</summary>
/// <remarks>
/// Whoever stops in between leaves the former package, or nothing, at the final place. A directory that is neither empty nor a
/// package is never replaced.
/// </remarks>
internal sealed class PackageDirectory : IDisposable
{
    private readonly string _target;

    private PackageDirectory(string target, string partial)
    {
        _target = target;
        Path = partial;
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <exception cref="IOException">The target exists and is no package.</exception>
    public static PackageDirectory Create(string target)
    {
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        RequireReplaceable(full);
        string partial = $"{full}.partial-{Guid.NewGuid():N}";
        Directory.CreateDirectory(partial);
        return new PackageDirectory(full, partial);
    }

    /// <summary>Moves everything to the final place.</summary>
    public void Publish()
    {
        RequireReplaceable(_target);
        string? former = null;
        if (Directory.Exists(_target))
        {
            former = $"{_target}.former-{Guid.NewGuid():N}";
            Directory.Move(_target, former);
        }

        Directory.Move(Path, _target);
        if (former is not null)
        {
            Directory.Delete(former, recursive: true);
        }
    }

    /// <summary>Removes what was not published.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private static void RequireReplaceable(string target)
    {
        bool taken = File.Exists(target)
            || (Directory.Exists(target)
                && Directory.EnumerateFileSystemEntries(target).Any()
                && !File.Exists(System.IO.Path.Combine(target, ManifestFile.Name)));
        if (taken)
        {
            throw new IOException($"{target} exists and is no model package; give another output directory or remove it.");
        }
    }
}
